// What is known of the sensors of a house. Used by tasks, and run as a whole by `runFile`, as TypeScript.

import { XMLParser } from 'fast-xml-parser';
import { DateTime, Interval } from 'luxon';
import { array, type Infer, is, number, object, optional, string } from 'superstruct';

export const Reading = object({ room: string(), at: string(), degrees: number(), note: optional(string()) });
export type Reading = Infer<typeof Reading>;

const DOCUMENT = `<house><reading room="hall" at="2024-02-28T08:00:00Z" degrees="19.5"/>
  <reading room="attic" at="2024-02-28T09:30:00Z" degrees="28.25"/>
  <reading room="hall" at="2024-02-28T20:00:00Z" degrees="21"/></house>`;

/** Reads the readings of a document. */
export function readings(document: string = DOCUMENT): Reading[] {
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', parseAttributeValue: true });
  const list: unknown = parser.parse(document).house.reading;
  if (!is(list, array(Reading))) throw new TypeError('the document has readings that are none');
  return list;
}

/** Hours between the first and the last of some readings. */
export function hours(list: readonly Reading[]): number {
  const times = list.map(({ at }) => DateTime.fromISO(at, { zone: 'utc' })).sort((a, b) => a.toMillis() - b.toMillis());
  const [first, last] = [times.at(0), times.at(-1)];
  return first === undefined || last === undefined ? 0 : Interval.fromDateTimes(first, last).length('hours');
}

export const summary = { hours: hours(readings()), rooms: readings().map(({ room, degrees }) => `${room} ${degrees}`) };
