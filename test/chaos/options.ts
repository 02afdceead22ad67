// What a chaos run is asked to do: the command line, and what each of its presets stands for.
import { parseArgs } from 'node:util';
import { isPlant, type PlantName, plantNames } from './plants.ts';

export interface ChaosOptions {
  /** Chooses the events, the faults, their moments and their victims. */
  readonly seed: number;
  /** How long events are produced and faults injected. */
  readonly minutes: number;
  /** How many faults are injected in that time. */
  readonly faults: number;
  /** Events produced per second. */
  readonly rate: number;
  /** Print one JSON object as the last line. */
  readonly json: boolean;
  /** Leave the logs and data of the run behind, whatever it finds. */
  readonly keep: boolean;
  /** A defect that the workers are started with, which the run must notice. */
  readonly plant: PlantName | undefined;
}

const presets = {
  long: { minutes: 20, faults: 160, rate: 2_000 },
  short: { minutes: 1.5, faults: 24, rate: 2_500 },
} as const;

const usage = `Usage: npm run chaos -- [options]

  --short           ${presets.short.faults} faults in ${presets.short.minutes} minutes instead of ${presets.long.faults} in ${presets.long.minutes}
  --seed <number>   chooses events, faults, moments and victims (1)
  --minutes <m>     how long events are produced and faults injected
  --faults <count>  how many faults
  --rate <number>   events per second (short ${presets.short.rate}, long ${presets.long.rate})
  --plant <defect>  start the workers without one of their guards: ${plantNames.join(', ')}
  --keep            leave logs and data behind although nothing differs
  --json            print one JSON object as the last line
  --help            print this`;

/** The options of a command line; undefined where it asked for help. Throws where it is not understood. */
export function readOptions(args: readonly string[]): ChaosOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      short: { type: 'boolean', default: false },
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      faults: { type: 'string' },
      rate: { type: 'string' },
      plant: { type: 'string' },
      keep: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return undefined;
  }
  const preset = values.short ? presets.short : presets.long;
  return {
    seed: number('seed', values.seed, 0),
    minutes: values.minutes === undefined ? preset.minutes : number('minutes', values.minutes, 0.1),
    faults: values.faults === undefined ? preset.faults : number('faults', values.faults, 0),
    rate: values.rate === undefined ? preset.rate : number('rate', values.rate, 1),
    json: values.json,
    keep: values.keep,
    plant: plantOf(values.plant),
  };
}

function number(name: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= least) return value;
  throw new Error(`--${name}: expected a number of at least ${least}, found "${text}"`);
}

function plantOf(name: string | undefined): PlantName | undefined {
  if (name === undefined || isPlant(name)) return name;
  throw new Error(`--plant: expected ${plantNames.join(', ')}, found "${name}"`);
}
