// `driftline doctor`: one line for each thing that a deployment needs, with what to do where something is missing.
import { Command } from 'commander';
import type { examine, Finding } from '../app/doctor.ts';
import { systemClock } from '../io/clock.ts';
import type { CliProcess } from './cli-process.ts';
import { exitCodeOfCode, exitCodes } from './exit-code.ts';
import { writeJson } from './output.ts';
import { printableLines } from './printable.ts';
import { loadSettings, type SettingsOptions, withSettingsOptions } from './settings-option.ts';
import { wantedTopics } from './wanted-topics.ts';

const marks: Readonly<Record<Finding['state'], string>> = {
  ok: 'ok     ',
  warning: 'warning',
  failed: 'FAILED ',
  unknown: '?      ',
};

/** `doctor`. Nothing is changed; the exit code is that of the first check that failed. */
export function doctorCommand(cli: CliProcess, look: typeof examine): Command {
  return withSettingsOptions(new Command('doctor'))
    .description('check everything that a deployment needs: models, Kafka, topics, Redis, workers')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', '\nExample:\n  driftline doctor -c driftline.yaml')
    .action(async (options: SettingsOptions & { readonly json?: boolean }) => {
      const settings = await loadSettings(options, cli);
      const wanted = (existing: Parameters<typeof wantedTopics>[1]) =>
        wantedTopics(settings, existing, { partitions: undefined, replication: -1 });
      const findings = await look(settings, wanted, systemClock);
      if (options.json === true) writeJson(cli, { findings });
      else cli.stdout.write(printableLines(findings.map(line).join('')));
      const code = findings.find(({ state }) => state === 'failed')?.code;
      cli.setExitCode(code === undefined ? exitCodes.ok : exitCodeOfCode(code));
    });
}

function line({ check, state, detail, fix }: Finding): string {
  return `${marks[state]} ${check}: ${detail}${fix === undefined ? '' : ` → ${fix}`}\n`;
}
