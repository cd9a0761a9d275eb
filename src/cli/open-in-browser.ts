import { spawn } from 'node:child_process';

/** Opens a file in the desktop's browser; does nothing where there is no desktop or nobody is watching. */
export function openInBrowser(file: string): void {
  const desktop = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (!process.stdout.isTTY || !desktop) return;
  const opener =
    process.platform === 'darwin' ? 'open' : process.platform === 'win32' ? 'explorer' : 'xdg-open';
  // A machine without the opener has been told the file's name all the same.
  spawn(opener, [file], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
