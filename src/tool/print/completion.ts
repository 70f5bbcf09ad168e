// The completion scripts of the shells, from the table of commands.
import type { CommandEntry } from "../command-table.js";

const OPTIONS =
  "-d --debug -t --timelimit -n --node -Y -x --separator -X -v --verbose -T --maxruntime --json --help --usage";

/** Words that stand in the synopsis of a command as alternatives, like `on|off`. */
function alternatives(entry: CommandEntry): string[] {
  const words =
    entry.synopsis.replace(/<[^>]*>/g, " ").match(/[A-Za-z_]+(\|[A-Za-z_]+)+|(?<=\[)[a-z]+(?=[\]|])/g) ?? [];
  return words.flatMap((word) => word.split("|"));
}

function takesDatabase(entry: CommandEntry): boolean {
  return /^\[?<dbname\|dbid>/.test(entry.synopsis);
}

function cases(
  commands: readonly CommandEntry[],
  indent: string,
  close: string,
  line: (words: string) => string,
): string {
  return commands
    .filter((entry) => !takesDatabase(entry) && alternatives(entry).length > 0)
    .map((entry) => `${indent}${entry.name}) ${line(alternatives(entry).join(" "))} ${close}\n`)
    .join("");
}

function bash(commands: readonly CommandEntry[]): string {
  const databases = commands.filter(takesDatabase).map((entry) => entry.name);
  return `# bash completion for ctdb; put it into /usr/share/bash-completion/completions/ctdb
_ctdb() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= i words=
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      -[dtnxT] | --debug | --timelimit | --node | --separator | --maxruntime) ((i++)) ;;
      -*) ;;
      *) command=\${COMP_WORDS[i]}; break ;;
    esac
  done
  case $prev in
    -n | --node) words=$(ctdb -Y listnodes 2>/dev/null | cut -d'|' -f2) ;;
    -d | --debug) words="ERROR WARNING NOTICE INFO DEBUG" ;;
    *)
      case $cur in
        -*) words="${OPTIONS}" ;;
        *)
          case $command in
            "") words="${commands.map((entry) => entry.name).join(" ")}" ;;
            ${databases.join(" | ")}) words=$(ctdb -Y getdbmap 2>/dev/null | tail -n +2 | cut -d'|' -f3) ;;
            getvar | setvar) words=$(ctdb listvars 2>/dev/null | cut -d' ' -f1) ;;
            ipinfo | gettickles | delip | moveip | gratarp) words=$(ctdb -Y ip 2>/dev/null | tail -n +2 | cut -d'|' -f2) ;;
            setifacelink) words="$(ctdb -Y ifaces 2>/dev/null | tail -n +2 | cut -d'|' -f2) up down" ;;
            restoredb | dumpdbbackup) COMPREPLY=($(compgen -f -- "$cur")); return ;;
${cases(
  commands.filter((entry) => entry.name !== "setifacelink"),
  "            ",
  ";;",
  (words) => `words="${words}"`,
)}          esac ;;
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _ctdb ctdb
`;
}

function zsh(commands: readonly CommandEntry[]): string {
  return `#compdef ctdb
# zsh completion for ctdb; put it into a directory of $fpath as _ctdb
autoload -U +X bashcompinit && bashcompinit
${bash(commands)}`;
}

function fish(commands: readonly CommandEntry[]): string {
  const quote = (text: string): string => `'${text.replace(/'/g, "\\'")}'`;
  const lines = commands.flatMap((entry) => {
    const seen = `-n "__fish_seen_subcommand_from ${entry.name}"`;
    const words = takesDatabase(entry)
      ? `"(ctdb -Y getdbmap 2>/dev/null | tail -n +2 | cut -d'|' -f3)"`
      : quote(alternatives(entry).join(" "));
    return [
      `complete -c ctdb -f -n __fish_use_subcommand -a ${entry.name} -d ${quote(entry.description)}`,
      ...(words === "''" ? [] : [`complete -c ctdb -f ${seen} -a ${words}`]),
    ];
  });
  return `# fish completion for ctdb; put it into ~/.config/fish/completions/ctdb.fish
complete -c ctdb -s n -l node -x -d 'node' -a "(ctdb -Y listnodes 2>/dev/null | cut -d'|' -f2)"
complete -c ctdb -s t -l timelimit -x -d 'time limit of a control'
complete -c ctdb -s T -l maxruntime -x -d 'limit of the whole run'
complete -c ctdb -s d -l debug -x -a 'ERROR WARNING NOTICE INFO DEBUG'
complete -c ctdb -s X -d 'machine readable output'
complete -c ctdb -l json -d 'report as JSON'
${lines.join("\n")}
`;
}

/** The script for a shell; undefined for one that is not known. */
export function completionScript(shell: string, commands: readonly CommandEntry[]): string | undefined {
  switch (shell) {
    case "bash":
      return bash(commands);
    case "zsh":
      return zsh(commands);
    case "fish":
      return fish(commands);
    default:
      return undefined;
  }
}
