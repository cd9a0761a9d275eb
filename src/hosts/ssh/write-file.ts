/**
 * Writes standard input to the file $2 below the folder $1. It follows no links, because an engine may have created
 * some: it enters each folder and checks that the result is the named one.
 */
const writeFile = `refuse() { echo "$1" >&2; exit 1; }
[ ! -L "$1" ] || refuse "$1 is a link"
cd -P -- "$1" || exit 1
here=$(pwd -P)
rest=$2
while [ "\${rest#*/}" != "$rest" ]; do
  name=\${rest%%/*}
  rest=\${rest#*/}
  here=$here/$name
  [ -e "$name" ] || [ -L "$name" ] || mkdir -- "$name" || exit 1
  cd -P -- "$name" 2>/dev/null && [ "$(pwd -P)" = "$here" ] || refuse "$here is not a folder"
done
[ -L "$rest" ] || [ ! -d "$rest" ] || refuse "$here/$rest is a folder"
rm -f -- "$rest.part" || exit 1
set -C
cat > "$rest.part" || exit 1
[ ! -L "$rest" ] || rm -f -- "$rest"
mv -f -- "$rest.part" "$rest"`;

/** The command that writes its standard input to a file below an existing folder. */
export function writeFileArgv(folder: string, path: string): readonly string[] {
  return ['sh', '-c', writeFile, 'write-file', folder, path];
}
