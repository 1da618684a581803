import { expect, test } from 'vitest';
import { withRanges } from '../src/report/notes.ts';

test('notes that differ in figures alone become one, with the lowest and the highest', () => {
  const notes = [
    '1 broker, Java 17.0.15',
    'got 9 in 53.9 s of 200',
    'got 126 in 54.0 s of 200',
    '1 broker, Java 17.0.15',
    'got 10 in 53.9 s of 200',
  ];
  expect(withRanges(notes)).toEqual(['1 broker, Java 17.0.15', 'got 9–126 in 53.9–54.0 s of 200']);
  expect(withRanges(new Set())).toEqual([]);
});
