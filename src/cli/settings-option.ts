// The options that every command with a configuration has, and the reading of what they name.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { readText, unreadable } from '../app/text-file.ts';
import type { SettingFlag } from '../config/environment.ts';
import { problemText } from '../config/problem.ts';
import { type ParsedSettings, parseSettings, type Settings } from '../config/settings.ts';
import type { ConfigurationFile } from '../config/yaml-source.ts';
import { Fault } from '../fault.ts';
import type { CliProcess } from './cli-process.ts';

export interface SettingsOptions {
  /** Configuration files, later ones above earlier ones. */
  readonly config?: readonly string[];
  /** `path=value`, above everything else. */
  readonly set?: readonly string[];
}

const defaultFile = 'driftline.yaml';

/** Adds `--config` and `--set` to a command. */
export function withSettingsOptions(command: Command): Command {
  return withSetOption(
    command.option(
      '-c, --config <file>',
      `configuration file; give several and later ones win (default: ${defaultFile} where there is one)`,
      collect,
    ),
  );
}

/** Adds `--set` alone, for a command that takes its files as arguments. */
export function withSetOption(command: Command): Command {
  return command.option(
    '--set <path=value>',
    'one setting, such as http.port=9000; can be repeated',
    collect,
  );
}

function collect(value: string, values: readonly string[] | undefined): readonly string[] {
  return [...(values ?? []), value];
}

/** The settings of a command. `flags` are the command's own options that stand for settings; `--set` is above them. */
export async function loadSettings(
  options: SettingsOptions,
  cli: Pick<CliProcess, 'env'>,
  flags: readonly SettingFlag[] = [],
): Promise<Settings> {
  return (await loadSound(options, cli, flags)).settings;
}

/** The same with origins and the effective tree. Throws CONFIG_INVALID with every problem on a line of its own. */
export async function loadSound(
  options: SettingsOptions,
  cli: Pick<CliProcess, 'env'>,
  flags: readonly SettingFlag[] = [],
): Promise<Extract<ParsedSettings, { ok: true }>> {
  const parsed = await loadParsed(options, cli, flags);
  if (parsed.ok) return parsed;
  const count = parsed.problems.length === 1 ? 'one problem' : `${parsed.problems.length} problems`;
  const lines = parsed.problems.map((problem) => `  ${problemText(problem)}`);
  throw new Fault('CONFIG_INVALID', [`the configuration has ${count}`, ...lines].join('\n'));
}

/** The settings or all their problems. Throws CONFIG_UNREADABLE where a file cannot be read. */
export async function loadParsed(
  options: SettingsOptions,
  cli: Pick<CliProcess, 'env'>,
  flags: readonly SettingFlag[] = [],
): Promise<ParsedSettings> {
  const files =
    options.config === undefined
      ? await readDefaultFile()
      : await Promise.all(options.config.map(readFileOf));
  const set = (options.set ?? []).map(settingFlag);
  return parseSettings({ files, env: cli.env, flags: [...flags, ...set] });
}

function settingFlag(text: string): SettingFlag {
  const equals = text.indexOf('=');
  if (equals <= 0) throw new Fault('USAGE', `--set ${text}: expected path=value, such as http.port=9000`);
  const path = text.slice(0, equals);
  return { flag: `--set ${path}`, path, text: text.slice(equals + 1) };
}

async function readFileOf(path: string): Promise<ConfigurationFile> {
  return { path, text: await readText(path) };
}

async function readDefaultFile(): Promise<readonly ConfigurationFile[]> {
  try {
    return [{ path: defaultFile, text: await readFile(defaultFile, 'utf8') }];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(defaultFile, error);
  }
}
