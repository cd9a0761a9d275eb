import { spawn } from 'node:child_process';

/** Opens a file in the default browser; does nothing without a desktop or a terminal. */
export function openInBrowser(file: string): void {
  const desktop = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!process.stdout.isTTY || !desktop) return;
  const opener =
    process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open';
  // If there is no opener, the user still has the file name, which was printed before.
  spawn(opener, [file], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
