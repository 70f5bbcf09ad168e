# Sourced by the launchers in bin/ and libexec/, which resolve symlinks first: runs the bundle of the same name under node, so that `ps` shows the program's
# own name. Works from any directory, and with any environment.
launch() {
  local name=$1 self=$2 root node candidate bundle
  shift 2
  case $self in */*) root=${self%/*}/.. ;; *) root=.. ;; esac
  root=$(cd -P "$root" && pwd) || exit 1
  bundle=$root/dist/$name.cjs
  [ -f "$bundle" ] || bundle=$root/dist/$name.js
  if [ ! -f "$bundle" ]; then
    echo "$name: $bundle is missing; run 'npm run build' in $root" >&2
    exit 1
  fi
  node=
  [ ! -r "$root/dist/node-path" ] || read -r node <"$root/dist/node-path"
  for candidate in "$node" /usr/bin/node /usr/local/bin/node /usr/bin/nodejs; do
    if [ -n "$candidate" ] && [ -x "$candidate" ]; then node=$candidate; break; fi
    node=
  done
  [ -n "$node" ] || node=$(command -v node) || { echo "$name: node is not installed (20 or newer is needed)" >&2; exit 1; }
  unset NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS NODE_V8_COVERAGE NODE_DEBUG
  exec -a "$name" "$node" "$bundle" "$@"
}
