// Where records begin that were stored at or after a time, and since when a log is whole.

/** How closely the time of the first record is found, milliseconds: what lies in between counts as lost. */
const resolutionMs = 1_000;
/** The clock of a producer may be ahead of ours. */
const aheadMs = 24 * 3_600_000;

/**
 * The offset of the first record that was stored at or after `time` in a log that begins at `low`, and since when nothing is
 * missing behind it: -Infinity unless records that late have been deleted, which is so where the log no longer begins at 0
 * and its first record is the one found. When that was stored brokers tell only by being asked for offsets of times.
 * `offsetAt` is the end of the log for a time after its last record.
 */
export async function firstSince(
  time: number,
  low: number,
  offsetAt: (time: number) => Promise<number>,
  now: number,
): Promise<{ readonly offset: number; readonly wholeFrom: number }> {
  const offset = time === -Infinity ? low : await offsetAt(time);
  if (low === 0 || offset > low) return { offset, wholeFrom: -Infinity };
  let [before, after] = [Math.max(time, 0), now + aheadMs];
  while (after - before > resolutionMs) {
    const middle = Math.floor((before + after) / 2);
    if ((await offsetAt(middle)) <= low) before = middle;
    else after = middle;
  }
  return { offset, wholeFrom: after };
}
