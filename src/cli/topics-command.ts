// `driftline topics`: says which topics a configuration needs, and creates those that are missing.
import { Command, InvalidArgumentError } from 'commander';
import type { Settings } from '../config/settings.ts';
import { Fault } from '../fault.ts';
import type { TopicSpec, TopicStep } from '../io/kafka/topics.ts';
import type { CliProcess } from './cli-process.ts';
import { writeJson } from './output.ts';
import { loadSettings, type SettingsOptions, withSettingsOptions } from './settings-option.ts';
import { textTable } from './table.ts';
import { wantedTopics } from './wanted-topics.ts';

/** What the command does with the brokers. */
export interface TopicAccess {
  /** The topics of these names that exist. */
  describe(settings: Settings, names: readonly string[]): Promise<ReadonlyMap<string, TopicSpec>>;
  plan(wanted: readonly TopicSpec[], existing: ReadonlyMap<string, TopicSpec>): readonly TopicStep[];
  create(settings: Settings, specs: readonly TopicSpec[]): Promise<void>;
}

interface TopicsOptions extends SettingsOptions {
  readonly partitions?: number;
  readonly replication: number;
  readonly json?: boolean;
}

/** `topics plan` and `topics create`. */
export function topicsCommand(cli: CliProcess, access: TopicAccess): Command {
  return new Command('topics')
    .description('plan and create the Kafka topics that a configuration names')
    .addCommand(planCommand(cli, access))
    .addCommand(createCommand(cli, access));
}

function planCommand(cli: CliProcess, access: TopicAccess): Command {
  return withTopicsOptions(new Command('plan'))
    .description('compare the topics that are needed with those that exist, and change nothing')
    .addHelpText('after', '\nExample:\n  driftline topics plan -c driftline.yaml')
    .action(async (options: TopicsOptions) => {
      const { steps, settings, existing } = await planned(options, cli, access);
      writeSteps(cli, steps, existing, options);
      refuseConflict(steps, settings);
    });
}

function createCommand(cli: CliProcess, access: TopicAccess): Command {
  return withTopicsOptions(new Command('create'))
    .description('create the topics that are missing; existing ones are never changed')
    .addHelpText(
      'after',
      '\nExample:\n  driftline topics create -c driftline.yaml --partitions 12 --replication 3',
    )
    .action(async (options: TopicsOptions) => {
      const { steps, settings, existing } = await planned(options, cli, access);
      refuseConflict(steps, settings);
      const missing = steps.filter((step) => step.kind === 'create').map((step) => step.spec);
      await access.create(settings, missing);
      writeSteps(cli, steps, existing, options);
      cli.stderr.write(`created ${missing.length} of ${steps.length} topics\n`);
    });
}

function withTopicsOptions(command: Command): Command {
  return withSettingsOptions(command)
    .option('--partitions <count>', 'shards, if the topics do not exist (default: 12)', positiveInteger)
    .option(
      '--replication <count>',
      'copies of each partition; -1 leaves it to the brokers',
      replicationFactor,
      -1,
    )
    .option('--json', 'print the plan as JSON');
}

async function planned(options: TopicsOptions, cli: CliProcess, access: TopicAccess) {
  const settings = await loadSettings(options, cli);
  const existing = await access.describe(settings, Object.values(settings.kafka.topics));
  const { partitions, replication } = options;
  const wanted = wantedTopics(settings, existing, { partitions, replication });
  return { settings, existing, steps: access.plan(wanted, existing) };
}

function writeSteps(
  cli: CliProcess,
  steps: readonly TopicStep[],
  existing: ReadonlyMap<string, TopicSpec>,
  options: TopicsOptions,
): void {
  if (options.json === true) {
    writeJson(cli, steps);
    return;
  }
  const rows = steps.map(({ kind, spec }) => {
    const { topic, partitions, replication } = existing.get(spec.topic) ?? spec;
    const config = Object.entries(spec.config).map(([name, value]) => `${name}=${value}`);
    const isMissing = kind === 'create';
    return [
      topic,
      partitions,
      replication > 0 ? replication : null,
      isMissing ? 'missing' : 'exists',
      isMissing ? config.join(' ') : '',
    ];
  });
  cli.stdout.write(textTable(['topic', 'partitions', 'copies', 'state', 'created with'], rows));
}

/** Events are joined partition by partition, so that other numbers than the ones wanted matter for the inputs alone. */
function refuseConflict(steps: readonly TopicStep[], settings: Settings): void {
  const { predictions, labels } = settings.kafka.topics;
  for (const step of steps) {
    const { topic } = step.spec;
    if (step.kind !== 'differs' || (topic !== predictions && topic !== labels)) continue;
    throw new Fault(
      'TOPICS_NOT_COPARTITIONED',
      `topic ${topic} has ${step.found.partitions} partitions, wanted are ${step.spec.partitions}: ${predictions} and ${labels} must have the same number, and more partitions would send keys elsewhere. Create the topic anew, or ask for what exists.`,
    );
  }
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 10_000)
    throw new InvalidArgumentError('expected 1 to 10000.');
  return value;
}

function replicationFactor(text: string): number {
  const value = Number(text);
  if (value !== -1 && (!Number.isInteger(value) || value < 1 || value > 100)) {
    throw new InvalidArgumentError('expected -1, or 1 to 100.');
  }
  return value;
}
