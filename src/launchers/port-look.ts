import { HostFailure, type Runner } from '../hosts/index.ts';
import { tokenVariable } from './engine-record.ts';

/** A listening socket, as the kernel of its machine lists it. */
export interface Listener {
  /** As the kernel prints it. */
  readonly address: string;
  readonly inode: string;
  readonly uid: number;
}

/** A process that holds or may hold such a socket, or an ancestor of one. */
interface HoldingProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly name: string;
  readonly folder: string;
  /** Whether its environment has an engine token, ours or another one. */
  readonly isMarked: boolean;
}

/** Which sockets and processes listen on a port, as seen on a machine or in a container on it. */
export interface PortLook {
  readonly listeners: readonly Listener[];
  /** The processes with the engine's token. */
  readonly own: ReadonlySet<number>;
  /** Whether the open files of some of these are hidden. */
  readonly someHidden: boolean;
  /** The sockets that processes hold, if their open files are visible. */
  readonly held: readonly { readonly pid: number; readonly inode: string }[];
  /** If no visible process holds a socket: the processes whose open files are hidden. */
  readonly closed: readonly number[];
  readonly processes: ReadonlyMap<number, HoldingProcess>;
}

/**
 * Prints who listens on the port $1 (hexadecimal, as the kernel prints it), which processes have $2=$3 in their
 * environment, which processes hold the sockets, and their ancestors. It reads only /proc and needs only ls, grep, tr,
 * id and readlink, so that it also works in engine images.
 */
const lookScript = `port=$1 variable=$2 token=$3 sockets= listed=' '
[ -r /proc/net/tcp ] || exit 0
for table in /proc/net/tcp /proc/net/tcp6; do
  [ -r "$table" ] || continue
  while read -r slot local remote state queues timer retransmits uid timeout inode rest; do
    case $local:$state in
      *:"$port":0A) echo "listener \${local%:*} $inode $uid"; sockets="$sockets|$inode" ;;
    esac
  done <"$table"
done
echo looked
[ -n "$sockets" ] || exit 0
for file in $(grep -lzxF "$variable=$token" /proc/[0-9]*/environ 2>/dev/null); do
  pid=\${file#/proc/} pid=\${pid%/environ}
  if ls "/proc/$pid/fd" >/dev/null 2>&1; then echo "own $pid"; elif [ -d "/proc/$pid" ]; then echo "hidden $pid"; fi
done
tell() {
  at=$1
  while [ "$at" -gt 1 ]; do
    case $listed in *" $at "*) return ;; esac
    read -r line 2>/dev/null <"/proc/$at/stat" || return
    read -r name 2>/dev/null <"/proc/$at/comm"
    listed="$listed$at "
    set -- \${line##*) }
    mark=no
    tr '\\0' '\\n' 2>/dev/null <"/proc/$at/environ" | grep -q "^$variable=" && mark=yes
    echo "process $at $2 $3 $mark $name"
    echo "folder $at $(readlink "/proc/$at/cwd" 2>/dev/null)"
    at=$2
  done
}
held=$(ls -l /proc/[0-9]*/fd 2>/dev/null | grep -E "^/proc/|socket:\\[(\${sockets#|})\\]" | while read -r line; do
  case $line in
    /proc/*) pid=\${line#/proc/} pid=\${pid%%/*} ;;
    *) inode=\${line##*[} ; echo "held $pid \${inode%]*}" ;;
  esac
done)
for word in $(echo "$held" | tr ' ' ':'); do
  pid=\${word#held:}
  tell "\${pid%%:*}" 2>/dev/null
done
echo "$held"
for inode in $(echo "$sockets" | tr '|' ' '); do
  echo "$held" | grep -q " $inode$" && continue
  for folder in /proc/[0-9]*; do
    if ls "$folder/fd" >/dev/null 2>&1 || ! [ -d "$folder" ]; then continue; fi
    echo "closed \${folder#/proc/}"
    tell "\${folder#/proc/}" 2>/dev/null
  done
  break
done`;

const lookMs = 20_000;

/** Looks up who listens on a port; undefined if that is not visible. */
export async function lookAtPort(
  through: Runner,
  port: number,
  token: string,
): Promise<PortLook | undefined> {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const argv = ['sh', '-c', lookScript, 'look-at-port', hex, tokenVariable, token];
  try {
    const { stdout } = await through.run(argv, { timeoutMs: lookMs });
    return portLook(stdout);
  } catch (error) {
    if (error instanceof HostFailure) return undefined;
    throw error;
  }
}

/** Parses the output of the script; undefined if the script could not look. */
export function portLook(text: string): PortLook | undefined {
  const lines = text.split('\n');
  if (!lines.includes('looked')) return undefined;
  const matches = (form: RegExp) =>
    lines.flatMap((line) => {
      const found = form.exec(line);
      return found === null ? [] : [found.slice(1)];
    });
  const numbers = (form: RegExp) => matches(form).map(([pid]) => Number(pid));
  const hidden = numbers(/^hidden (\d+)$/);
  const folders = new Map(matches(/^folder (\d+) (.*)$/).map(([pid, folder = '']) => [Number(pid), folder]));
  return {
    listeners: matches(/^listener ([0-9A-F]+) (\d+) (\d+)$/).map(([address = '', inode = '', uid]) => ({
      address,
      inode,
      uid: Number(uid),
    })),
    own: new Set([...numbers(/^own (\d+)$/), ...hidden]),
    someHidden: hidden.length > 0,
    held: matches(/^held (\d+) (\d+)$/).map(([pid, inode = '']) => ({ pid: Number(pid), inode })),
    closed: numbers(/^closed (\d+)$/),
    processes: new Map(
      matches(/^process (\d+) (\d+) (\d+) (yes|no) (.*)$/).map(([pid, parent, group, mark, name = '']) => [
        Number(pid),
        {
          pid: Number(pid),
          parent: Number(parent),
          group: Number(group),
          name,
          folder: folders.get(Number(pid)) ?? '',
          isMarked: mark === 'yes',
        },
      ]),
    ),
  };
}
