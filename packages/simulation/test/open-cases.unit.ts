import { expect, test } from 'vitest';
import { checkOpenCases } from '../src/checks/domain.ts';

const [agentId, competency] = ['a', 'courtesy'];
const opened = (caseId: string, open = true) => ({ caseId, agentId, competency, open });
const knows = (openCase: string | null) => [{ agentId, tracks: [{ competency, openCase }] }];
const lost = [{ agentId, tracks: [] }];

test.each([
  ['the one that is known', [opened('1'), opened('2', false)], knows('1'), []],
  ['none', [opened('1', false)], knows(null), []],
  ['two', [opened('1'), opened('2')], knows('2'), ['case: a for courtesy has 2 open cases: 1, 2']],
  ['one that the learner takes for closed', [opened('1')], knows(null), ['believes null open, and it is 1']],
  ['none, where the learner knows one', [opened('1', false)], knows('1'), ['believes 1 open, and it is null']],
  ['one of which the learner has lost sight', [opened('1')], lost, ['believes null open, and it is 1']],
  ['two of which the learner has lost sight', [opened('1'), opened('2')], lost, ['2 open cases', 'believes null open']],
  [
    'two of an agent whom no learner stands for',
    [opened('1'), opened('2')],
    [],
    ['2 open cases', 'believes null open'],
  ],
])('open is %s', (_, cases, learners, findings) => {
  const found = checkOpenCases(cases, learners);
  expect(found).toEqual(findings.map((text) => expect.stringContaining(text)));
});
