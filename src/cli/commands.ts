// Every command of the command line, in the order in which the help lists them.
import type { Command } from 'commander';
import { examine } from '../app/doctor.ts';
import { openSender } from '../app/sender.ts';
import { topicAccess } from '../app/topics.ts';
import { alertsCommand } from './alerts-command.ts';
import { baselineCommand } from './baseline-command.ts';
import type { CliProcess } from './cli-process.ts';
import { compareCommand } from './compare-command.ts';
import { configCommand } from './config-command.ts';
import { demoCommand } from './demo-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { explainCommand } from './explain-command.ts';
import { policyCommand } from './policy-command.ts';
import { produceCommand } from './produce-command.ts';
import { queryCommand } from './query-command.ts';
import { replayCommand } from './replay-command.ts';
import { runCommand } from './run-command.ts';
import { topicsCommand } from './topics-command.ts';

/** Makes one command for the process that it will run in. */
export type CommandFactory = (cli: CliProcess) => Command;

export const commands: readonly CommandFactory[] = [
  runCommand,
  replayCommand,
  demoCommand,
  baselineCommand,
  compareCommand,
  queryCommand,
  explainCommand,
  configCommand,
  alertsCommand,
  (cli) => doctorCommand(cli, examine),
  policyCommand,
  (cli) => topicsCommand(cli, topicAccess),
  (cli) => produceCommand(cli, openSender),
];
