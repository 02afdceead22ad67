// Tumbling windows of event time, aligned to the epoch: [k·size, (k+1)·size) in milliseconds.

/** Start of the window that holds `timestamp`; an event exactly on a boundary belongs to the later window. */
export function windowStart(timestamp: number, sizeMs: number): number {
  return Math.floor(timestamp / sizeMs) * sizeMs;
}

/** The roll-up windows, one of each size, that hold the window starting at `start`. Sizes are multiples of the window's. */
export function enclosing(start: number, sizesMs: readonly number[]): { size: number; start: number }[] {
  return sizesMs.map((size) => ({ size, start: windowStart(start, size) }));
}

/** Whether a window has ended, its grace included, once event time has reached `watermark`. */
export function isDue(end: number, watermark: number, graceMs: number): boolean {
  return end + graceMs <= watermark;
}

/** The newest end of a window that is due once event time has reached `watermark`. */
export function newestDueEnd(watermark: number, sizeMs: number, graceMs: number): number {
  return windowStart(watermark - graceMs, sizeMs);
}

/** Whether a window may no longer change: its end lies more than the revision horizon behind the watermark. */
export function isBeyondRevision(end: number, watermark: number, revisionHorizonMs: number): boolean {
  return end + revisionHorizonMs <= watermark;
}
