import { type CloudEvent, HTTP, Kafka } from 'cloudevents';
import { describe, expect, test } from 'vitest';
import type { WindowEvidence } from '../../src/alert/evidence.ts';
import { advance } from '../../src/alert/history.ts';
import type { IncidentHistory, Transition } from '../../src/alert/incident.ts';
import { type AlertEvent, alertSchema } from '../../src/codec/alert-schema.ts';
import { alertEvent, eventBytesMax, incidentId, transitionId } from '../../src/codec/cloud-event.ts';
import type { Mover, WindowResult } from '../../src/drift/result.ts';
import { column, columnOfVote, policy, resultsOfVotes, windowResult } from '../alert/sample-results.ts';
import { publishedSchema, schemaPath, violations } from './published-schema.ts';

const source = '/driftline/test';
const context = { source, policy, nameOf: (_: string, category: string) => category };

function events(
  results: readonly WindowResult[],
  evidence: WindowEvidence = {},
): { transition: Transition; result: WindowResult }[] {
  let history: IncidentHistory | undefined;
  return results.flatMap((result) => {
    const step = advance(history, result, policy, evidence);
    history = step.history;
    return step.transitions.map((transition) => ({ transition, result }));
  });
}

const votes = { adr: 'wwwkkkccccc', lead_time: 'ccccwwwccccc', '@score': 'ccccccccs' };
const of = (segment: string, votes: Readonly<Record<string, string>>) =>
  resultsOfVotes(votes).map((result) => ({ ...result, segment }));
const story = [
  ...events([
    ...resultsOfVotes(votes),
    windowResult(2, [...columnOfVote('adr', 'c'), ...columnOfVote('lead_time', 'c')]),
  ]),
  ...events(of('DE', { ...votes, a: 'wwww', b: 'wwww', c: 'wwww', d: 'wwww' })),
  ...events(of('FR', { a: 'wwww', b: 'wwww', c: 'wwww', d: 'wwww' }), {
    isBroken: true,
    silenced: ['a', 'b', 'c', 'd'],
    quality: {
      labels: { awaited: 9, labelled: 5, largestClass: 3 },
      realised: 'severe',
      estimated: 'unknown',
    },
  }),
];
const read = ({ transition, result }: (typeof story)[number]) =>
  JSON.parse(alertEvent(transition, { ...context, result }).value) as AlertEvent;

describe('an alert', () => {
  test('is a CloudEvents 1.0 event with the registered extensions', () => {
    const { transition, result } = story[0]!;
    const message = alertEvent(transition, { ...context, result });
    expect(message).toMatchObject({
      topic: 'alerts',
      key: 'hotel_cancellation',
      headers: { 'content-type': 'application/cloudevents+json; charset=utf-8' },
    });
    expect(JSON.parse(message.value)).toMatchObject({
      specversion: '1.0',
      id: message.id,
      source,
      type: 'io.driftline.drift.raised.v1',
      subject: 'hotel_cancellation/all',
      time: '2016-10-01T00:15:00.000Z',
      datacontenttype: 'application/json',
      partitionkey: 'hotel_cancellation',
      correlationid: incidentId(transition),
      sequence: '0000000000000001',
      severitytext: 'warning',
      severitynumber: 13,
      data: {
        rule: 'feature_drift',
        late: false,
        rows: 5000,
        columns: [
          { feature_name: 'adr', joined: true, measure: 'psi', drift_score: 0.15, drift_threshold: 0.1 },
        ],
        columns_total: 1,
        policy: { raise: { windows: 3, of: 5, at_once: 2 }, clear: { below: 0.8, windows: 5 } },
      },
    });
    // Attribute names of CloudEvents are lower-case letters and digits only.
    for (const name of Object.keys(JSON.parse(message.value))) expect(name).toMatch(/^[a-z0-9]{1,20}$/);
  });

  test('of every kind meets the published schema', () => {
    const kinds = new Set<string>();
    for (const step of story) {
      expect(violations(alertSchema, read(step))).toEqual([]);
      kinds.add(step.transition.type);
    }
    expect([...kinds].sort()).toEqual([
      'drift.cleared',
      'drift.escalated',
      'drift.raised',
      'drift.retracted',
      'quality.raised',
      'retrain.recommended',
      'retrain.suppressed',
    ]);
  });

  test('of every kind is valid for the CloudEvents SDK, which reads it as it was written', () => {
    for (const { transition, result } of story) {
      const { headers, value } = alertEvent(transition, { ...context, result });
      const read = HTTP.toEvent({ headers, body: value }) as CloudEvent<unknown>;
      expect(read.validate()).toBe(true);
      expect(JSON.parse(JSON.stringify(read))).toEqual(JSON.parse(value));
      const ofKafka = Kafka.toEvent({ headers, body: value, value } as never);
      expect((ofKafka as CloudEvent<unknown>).id).toBe(read.id);
    }
  });

  test('of retraining says why, what speaks against it, and which job it is about', () => {
    const all = story.map(read).filter(({ data }) => data.rule === 'retrain');
    const recommended = all.find(({ data }) => data.transition === 'retrain.recommended')!;
    expect(recommended).toMatchObject({
      type: 'io.driftline.retrain.recommended.v1',
      severitytext: 'warning',
      data: { retrain: { triggers: ['drifted_features'], gates: [], job_key: recommended.id } },
    });
    expect(recommended.data.columns.map(({ feature_name }) => feature_name).sort()).toEqual([
      ...['a', 'adr', 'b', 'c', 'd'],
    ]);
    const suppressed = all.find(({ data }) => data.transition === 'retrain.suppressed')!;
    expect(suppressed).toMatchObject({
      severitytext: 'info',
      data: { retrain: { gates: ['pipeline_break'] } },
    });
    expect(suppressed.data.retrain).not.toHaveProperty('job_key');
  });

  test('says that it is silenced, and nothing where it is not', () => {
    const marks = story.map(read).filter(({ silenced }) => silenced !== undefined);
    expect(marks.map(({ type }) => type)).toEqual(['io.driftline.drift.raised.v1']);
  });

  test('brings the diagnosis of its window, unless it would be too long', () => {
    const { transition, result } = story[0]!;
    const finding = (text: string) => [
      {
        kind: 'pipeline_break' as const,
        evidence: [{ subject: 'adr', value: 1, against: 0, text }],
      },
    ];
    const told = (text: string) =>
      JSON.parse(alertEvent(transition, { ...context, result, findings: finding(text) }).value) as AlertEvent;
    expect(told('adr is missing').data.diagnosis).toEqual([
      { kind: 'pipeline_break', evidence: ['adr is missing'] },
    ]);
    expect(violations(alertSchema, told('adr is missing'))).toEqual([]);
    expect(told('x'.repeat(70_000)).data).not.toHaveProperty('diagnosis');
  });

  test('has an id of its own, 64 hex characters, equal for a repeat', () => {
    const ids = story.map(({ transition }) => transitionId(transition));
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(ids).size).toBe(ids.length);
    expect(story.map(({ transition }) => transitionId({ ...transition }))).toEqual(ids);
  });

  test('of one incident has its correlation id; rules and segments have incidents of their own', () => {
    const raised = story.find(({ transition }) => transition.rule === 'feature_drift')!.transition;
    for (const { transition } of story) {
      const { rule, segment, incident } = transition;
      if (rule !== raised.rule || segment !== raised.segment) continue;
      if (incident.start !== raised.incident.start) continue;
      expect(incidentId(transition)).toBe(incidentId(raised));
    }
    expect(incidentId({ ...raised, rule: 'prediction_drift' })).not.toBe(incidentId(raised));
    expect(incidentId({ ...raised, segment: 'DE' })).not.toBe(incidentId(raised));
    expect(incidentId({ ...raised, model: 'hotel', segment: '_cancellationall' })).not.toBe(
      incidentId(raised),
    );
  });

  test('that retracts names the event that no longer holds', () => {
    const events = story.map(read);
    const retractions = events.filter(({ type }) => type.includes('retracted'));
    expect(retractions.length).toBeGreaterThan(0);
    for (const { causationid } of retractions) expect(events.map(({ id }) => id)).toContain(causationid);
  });

  test('lists at most 50 columns, those that exceed their threshold most first, and counts them all', () => {
    const columns = Array.from({ length: 200 }, (_, i) => column(`f${i}`, 0.41 + i / 1000));
    const [step] = events([windowResult(0, columns)]);
    const { data } = read(step!);
    expect(data.columns_total).toBe(200);
    expect(data.columns).toHaveLength(50);
    expect(data.columns.map(({ feature_name }) => feature_name).slice(0, 3)).toEqual([
      'f199',
      'f198',
      'f197',
    ]);
  });

  test('is at most 64 KiB, whatever the columns are called', () => {
    const columns = Array.from({ length: 60 }, (_, i) => column(`${i}${'ü'.repeat(3000)}`, 0.9));
    const [step] = events([windowResult(0, columns)]);
    const { value } = alertEvent(step!.transition, { ...context, result: step!.result });
    expect(Buffer.byteLength(value)).toBeLessThanOrEqual(eventBytesMax);
    expect(JSON.parse(value).data.columns.length).toBeGreaterThan(5);
  });

  const mover: Mover = {
    ...{ kind: 'category', name: 'CHN', baselineRows: 20, windowRows: 90 },
    ...{ baselineShare: 0.02, windowShare: 0.09, contribution: 0.1 },
  };

  test('says of its ten worst columns what moved', () => {
    const columns = Array.from({ length: 12 }, (_, i) => ({
      ...column(`f${i}`, 0.9 - i / 100),
      moved: [mover],
    }));
    const [step] = events([windowResult(0, columns)]);
    const event = read(step!);
    expect(violations(alertSchema, event)).toEqual([]);
    expect(event.data.columns[0]!.moved).toMatchObject([
      { text: 'share of f0=CHN: 2 % → 9 %', kind: 'category', category: 'CHN', contribution: 0.1 },
    ]);
    expect(event.data.columns.map(({ moved }) => moved !== undefined)).toEqual([
      ...Array(10).fill(true),
      false,
      false,
    ]);
  });

  test('explains fewer columns rather than naming fewer where it would be too long', () => {
    const moved = Array.from({ length: 5 }, (_, i) => ({ ...mover, name: `${i}${'漢'.repeat(255)}` }));
    const columns = Array.from({ length: 50 }, (_, i) => ({ ...column(`f${i}`, 0.9 - i / 100), moved }));
    const [step] = events([windowResult(0, columns)]);
    const { value } = alertEvent(step!.transition, { ...context, result: step!.result });
    const { data } = JSON.parse(value) as AlertEvent;
    expect(Buffer.byteLength(value)).toBeLessThanOrEqual(eventBytesMax);
    expect(data.columns).toHaveLength(50);
    const explained = data.columns.filter(({ moved }) => moved !== undefined).length;
    expect(explained).toBeGreaterThan(3);
    expect(explained).toBeLessThan(10);
  });

  test('of a window whose result is not at hand lists columns without scores', () => {
    const { transition } = story[0]!;
    const { data } = JSON.parse(alertEvent(transition, { ...context, result: windowResult(9, []) }).value);
    expect(data.columns).toEqual([{ feature_name: 'adr', joined: true }]);
    expect(data).not.toHaveProperty('rows');
  });

  test('has a published schema that is generated from this code', async () => {
    await expect(publishedSchema('alert', alertSchema)).toMatchFileSnapshot(schemaPath('alert'));
  });
});
