// The progress of a long command: one line on a terminal that is written over, nothing anywhere else.
import type { CliProcess } from './cli-process.ts';

export interface Progress {
  /** `total` is undefined while nobody knows it. Times are monotonic milliseconds. */
  update(done: number, total: number | undefined, elapsedMs: number): void;
  /** Takes the line away, so that what is printed next stands alone. */
  end(): void;
}

const redrawEveryMs = 100;
const eraseLine = '\r\u001b[K';

/** A progress line for things that are counted, such as `events`. */
export function progressLine(cli: Pick<CliProcess, 'stderr' | 'isTerminal'>, noun: string): Progress {
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    update(done, total, elapsedMs) {
      if (!cli.isTerminal || elapsedMs - drawnAt < redrawEveryMs) return;
      drawnAt = elapsedMs;
      cli.stderr.write(eraseLine + progressText(noun, done, total, elapsedMs));
    },
    end() {
      if (drawnAt !== Number.NEGATIVE_INFINITY) cli.stderr.write(eraseLine);
    },
  };
}

/** `1,234,000 of 5,000,000 events (24 %), 310,000/s, 12 s left` */
export function progressText(
  noun: string,
  done: number,
  total: number | undefined,
  elapsedMs: number,
): string {
  const rate = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0;
  const speed = `${number(rate)}/s`;
  if (total === undefined || total <= 0) return `${number(done)} ${noun}, ${speed}`;
  const share = Math.floor((Math.min(done, total) / total) * 100);
  const left = rate > 0 ? `, ${number(Math.ceil(Math.max(0, total - done) / rate))} s left` : '';
  return `${number(done)} of ${number(total)} ${noun} (${share} %), ${speed}${left}`;
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
