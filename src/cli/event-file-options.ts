// The options of commands that read event files: which column of a table is what.
import type { Command } from 'commander';
import type { EventField } from '../io/files/event-file.ts';
import type { EventFileOptions } from '../io/files/formats.ts';

export interface ColumnOptions {
  readonly model?: string;
  readonly id?: string;
  readonly timestamp?: string;
  readonly prediction?: string;
  readonly score?: string;
  readonly label?: string;
}

/** Adds `--id`, `--timestamp`, `--prediction`, `--score` and `--label` to a command. */
export function withColumnOptions(command: Command): Command {
  return command
    .option(
      '--id <column>',
      'CSV, Parquet: column of the prediction id (default: prediction_id, or the row number)',
    )
    .option('--timestamp <column>', 'CSV, Parquet: column of the event time (default: timestamp)')
    .option('--prediction <column>', 'CSV, Parquet: column of the prediction (default: prediction)')
    .option('--score <column>', 'CSV, Parquet: column of the score (default: score)')
    .option(
      '--label <column>',
      'CSV, Parquet: column of the true outcome, which is no feature (default: label)',
    );
}

const fieldOfOption: readonly (readonly [keyof ColumnOptions, EventField])[] = [
  ['id', 'prediction_id'],
  ['timestamp', 'timestamp'],
  ['prediction', 'prediction'],
  ['score', 'score'],
  ['label', 'label'],
];

/** How a file is opened under these options. `--model` stands for the model of tables that have no such column. */
export function eventFileOptions(options: ColumnOptions): EventFileOptions {
  const fields = Object.fromEntries(
    fieldOfOption.flatMap(([option, field]) =>
      options[option] === undefined ? [] : [[field, options[option]]],
    ),
  );
  return {
    ...(Object.keys(fields).length === 0 ? {} : { columns: { fields } }),
    ...(options.model === undefined ? {} : { defaults: { model: options.model } }),
  };
}
