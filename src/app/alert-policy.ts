// What alerts and retraining of one model follow, taken from the configuration.
import type { Calendar } from '../alert/calendar.ts';
import type { AlertPolicy } from '../alert/incident.ts';
import { lastStrikeOf } from '../config/schedule.ts';
import type { ModelSettings, Settings } from '../config/settings.ts';

type Followed = Pick<Settings, 'alerts' | 'retrain' | 'windows'>;

/** The rules that the model's votes are folded by: plain data. */
export function alertPolicyOf(
  { importance }: Pick<ModelSettings, 'importance'>,
  { alerts, retrain, windows }: Followed,
): AlertPolicy {
  const { timezone, schedule, ...policy } = retrain;
  return {
    raise: alerts.raise,
    clear: alerts.clear,
    cooldownMs: alerts.cooldownMs,
    retrain: {
      ...policy,
      schedule: schedule === null ? null : `${schedule} ${timezone}`,
      weights: [...importance].sort(([a], [b]) => (a < b ? -1 : 1)),
    },
    horizonMs: windows.revisionHorizonMs,
  };
}

/** The times that somebody has something to say about, as far as they are about this model. */
export function calendarOf({ name }: Pick<ModelSettings, 'name'>, { alerts, retrain }: Followed): Calendar {
  const isAbout = ({ models }: { readonly models: readonly string[] }) =>
    models.length === 0 || models.includes(name);
  const { schedule, timezone } = retrain;
  return {
    silences: alerts.silences.filter(isAbout),
    maintenance: alerts.maintenance.filter(isAbout),
    lastStrike: schedule === null ? undefined : lastStrikeOf(schedule, timezone),
  };
}
