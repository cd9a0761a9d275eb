/**
 * How far all pending turns move forward, in seconds, so that nothing is idle for longer than the cap. Only while no
 * request is in flight or ready to be sent.
 */
export function idleShift(
  { nowS, idleSinceS, capS }: { readonly nowS: number; readonly idleSinceS: number; readonly capS: number },
  dueS: readonly number[],
): number {
  const next = Math.min(...dueS);
  if (!Number.isFinite(next)) return 0;
  return Math.max(0, next - Math.max(nowS, idleSinceS + capS));
}
