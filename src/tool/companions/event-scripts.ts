// The event scripts in the file system: those that came with the installation, those that are enabled. Called by ctdb-event.
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  type Stats,
  statSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { resolvePaths } from "../../config/paths.js";
import { CommandFailure, Errno } from "../errors.js";
import type { Terminal } from "../terminal.js";

const SUFFIX = ".script";
const SCRIPT_NAME = /^[0-9][0-9]\..*\.script$/;
const EXECUTE_BITS = 0o111;
const OWNER_EXECUTES = 0o100;
const PERMISSION_BITS = 0o7777;

export interface ScriptDirectories {
  /** Directory of the scripts that came with the installation, by component. */
  readonly installed: string;
  /** Directory of the scripts that run. */
  readonly enabled: string;
}

/** Where the scripts of a component are. */
export function scriptDirectories(env: NodeJS.ProcessEnv, component: string): ScriptDirectories {
  const { datadir, etcdir } = resolvePaths(env);
  return { installed: join(datadir, "events", component), enabled: join(etcdir, "events", component) };
}

/** A script as `script list` shows it. */
export interface ListedScript {
  readonly name: string;
  readonly enabled: boolean;
}

export interface ScriptList {
  readonly installed: readonly ListedScript[];
  /** Scripts of the administrator. */
  readonly own: readonly ListedScript[];
}

/** Names of the scripts in a directory, sorted by bytes; undefined where there is no such directory. */
function scriptNames(directory: string): string[] | undefined {
  try {
    const names = readdirSync(directory).filter((name) => SCRIPT_NAME.test(name));
    return names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  } catch {
    return undefined;
  }
}

function lstat(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** Whether `link` is a symbolic link whose text is the real path of `target`. */
function linksTo(link: string, target: string): boolean {
  return lstat(link)?.isSymbolicLink() === true && readlinkSync(link) === realpathSync(target);
}

function isExecutable(path: string): boolean {
  try {
    return (statSync(path).mode & OWNER_EXECUTES) !== 0;
  } catch {
    return false;
  }
}

/** The scripts of a component. Complains and throws CommandFailure where a directory is missing. */
export function listScripts(directories: ScriptDirectories, terminal: Terminal): ScriptList {
  const { installed: installedDirectory, enabled: enabledDirectory } = directories;
  const installed = scriptNames(installedDirectory);
  if (installed === undefined) {
    terminal.complain(`Unable to find event script installation directory: ${installedDirectory}`);
    throw new CommandFailure(Errno.ENOENT);
  }
  const enabled = scriptNames(enabledDirectory);
  if (enabled === undefined) {
    terminal.complain(`Command script list finished with result=${Errno.ENOENT}`);
    throw new CommandFailure(Errno.ENOENT);
  }
  const shown = (file: string): string => file.slice(0, -SUFFIX.length);
  const matched = new Set(
    enabled.filter(
      (file) => installed.includes(file) && linksTo(join(enabledDirectory, file), join(installedDirectory, file)),
    ),
  );
  return {
    installed: installed.map((file) => ({ name: shown(file), enabled: matched.has(file) })),
    own: enabled
      .filter((file) => !matched.has(file))
      .map((file) => ({ name: shown(file), enabled: isExecutable(join(enabledDirectory, file)) })),
  };
}

/** The script's file where it is enabled, if it is there and can be enabled and disabled. Complains and throws. */
function ownScript(component: string, script: string, path: string, terminal: Terminal): "missing" | "link" | "file" {
  const status = lstat(path);
  if (status === undefined) return "missing";
  if (status.isSymbolicLink()) return "link";
  if (!status.isFile()) {
    terminal.out(`Script ${path} is not a file or a link\n`);
    throw new CommandFailure(Errno.EINVAL);
  }
  if (!SCRIPT_NAME.test(`${script}${SUFFIX}`)) {
    terminal.out(`Script ${script} is invalid in ${component}\n`);
    throw new CommandFailure(Errno.EINVAL);
  }
  return "file";
}

/** Enables a script by its name without suffix. Complains and throws CommandFailure. */
export function enableScript(
  directories: ScriptDirectories,
  component: string,
  script: string,
  terminal: Terminal,
): void {
  const path = join(directories.enabled, script + SUFFIX);
  switch (ownScript(component, script, path, terminal)) {
    case "link":
      return;
    case "file":
      chmodSync(path, (statSync(path).mode & PERMISSION_BITS) | EXECUTE_BITS);
      return;
    case "missing":
      break;
  }
  const source = join(directories.installed, script + SUFFIX);
  if (lstat(source) === undefined) {
    terminal.out(`Script ${script} does not exist in ${component}\n`);
    throw new CommandFailure(Errno.ENOENT);
  }
  try {
    symlinkSync(realpathSync(source), path);
  } catch {
    terminal.out(`Failed to create symlink ${path}\n`);
    throw new CommandFailure(Errno.EIO);
  }
}

/** Disables a script by its name without suffix; one that is not there is disabled. Complains and throws CommandFailure. */
export function disableScript(
  directories: ScriptDirectories,
  component: string,
  script: string,
  terminal: Terminal,
): void {
  const path = join(directories.enabled, script + SUFFIX);
  switch (ownScript(component, script, path, terminal)) {
    case "missing":
      return;
    case "file":
      chmodSync(path, statSync(path).mode & PERMISSION_BITS & ~EXECUTE_BITS);
      return;
    case "link":
      break;
  }
  try {
    unlinkSync(path);
  } catch {
    terminal.out(`Failed to remove symlink ${path}\n`);
    throw new CommandFailure(Errno.EIO);
  }
}
