// Data on standard output.
import type { CliProcess } from './cli-process.ts';

/** Writes one JSON document, indented for people and ended with a line break. */
export function writeJson(cli: Pick<CliProcess, 'stdout'>, value: unknown): void {
  cli.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** Writes one line of newline-delimited JSON. */
export function writeJsonLine(cli: Pick<CliProcess, 'stdout'>, value: unknown): void {
  cli.stdout.write(`${JSON.stringify(value)}\n`);
}
