// The flights of the demonstration as event files: three million real departures in the United States, January to June
// 2001, from the npm package `vega-datasets`, with the predictions of a simple model and one fault that is put in.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { Fault } from '../../fault.ts';
import { literal } from './table-columns.ts';

export interface FlightFiles {
  /** January: what the baseline is built from. */
  readonly reference: string;
  /** February to June, in order of departure. */
  readonly predictions: string;
  /** The delays of the same flights, in order of the time at which each was known. */
  readonly labels: string;
  /** Flights in all. */
  readonly flights: number;
}

/** The fault: for one week the distance arrives in kilometres. */
export const fault = { from: '2001-05-01', to: '2001-05-08', kilometresPerMile: 1.609344 } as const;

/** The model's prediction is January's mean delay by origin and hour of departure, or by origin, or of all. */
const flightsSql = (source: string) => `
  CREATE VIEW flights AS
    SELECT row_number() OVER () AS id, date AS departure, delay, distance, origin, destination, hour(date) AS hour FROM ${source};
  CREATE TABLE by_hour AS
    SELECT origin, hour, avg(delay) AS delay FROM flights WHERE departure < '2001-02-01' GROUP BY ALL;
  CREATE TABLE by_origin AS
    SELECT origin, avg(delay) AS delay FROM flights WHERE departure < '2001-02-01' GROUP BY ALL;
  CREATE TABLE overall AS SELECT avg(delay) AS delay FROM flights WHERE departure < '2001-02-01';
  CREATE VIEW events AS
    SELECT
      CAST(id AS VARCHAR) AS prediction_id, 'flight_delay' AS model, '1' AS model_version, departure AS timestamp,
      coalesce(by_hour.delay, by_origin.delay, overall.delay) AS prediction,
      CASE WHEN departure >= '${fault.from}' AND departure < '${fault.to}'
        THEN distance * ${fault.kilometresPerMile} ELSE distance END AS distance,
      flights.origin, destination, flights.hour
    FROM flights
      LEFT JOIN by_hour ON flights.origin = by_hour.origin AND flights.hour = by_hour.hour
      LEFT JOIN by_origin ON flights.origin = by_origin.origin, overall;
  CREATE VIEW truths AS
    SELECT
      CAST(id AS VARCHAR) AS prediction_id, 'flight_delay' AS model, delay AS label,
      -- A flight that is early by more than it takes is a mistake of the data; nobody knew before it departed.
      greatest(departure, departure + to_minutes(CAST(round(distance / 8.0) AS BIGINT) + delay)) AS timestamp
    FROM flights WHERE departure >= '2001-02-01';
`;

/**
 * Writes the event files into the folder. Rejects with INPUT_MISSING when the data set cannot be read: it comes with the
 * development dependencies.
 */
export async function writeFlightFiles(dataset: string, folder: string): Promise<FlightFiles> {
  await mkdir(folder, { recursive: true });
  const path = (name: string) => join(folder, name);
  const files = {
    reference: path('january.parquet'),
    predictions: path('predictions.parquet'),
    labels: path('labels.parquet'),
  };
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '2',
    memory_limit: '400MB',
    temp_directory: folder,
  });
  const connection = await instance.connect();
  try {
    await connection.run(flightsSql(`read_parquet(${literal(dataset)})`));
    const copies = [
      ["SELECT * FROM events WHERE timestamp < '2001-02-01' ORDER BY timestamp", files.reference],
      ["SELECT * FROM events WHERE timestamp >= '2001-02-01' ORDER BY timestamp", files.predictions],
      ['SELECT * FROM truths ORDER BY timestamp', files.labels],
    ] as const;
    for (const [query, file] of copies)
      await connection.run(`COPY (${query}) TO ${literal(file)} (FORMAT parquet)`);
    const counted = await connection.runAndReadAll('SELECT count(*)::INTEGER FROM flights');
    return { ...files, flights: Number(counted.getRowsJS()[0]?.[0]) };
  } catch (cause) {
    throw new Fault(
      'INPUT_MISSING',
      `the flights of ${dataset} cannot be prepared: ${(cause as Error).message}`,
      { cause },
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
