// `npm run docs`: writes again what is made from the sources: docs/errors.md, docs/configuration.md, docs/closing-rule.md, and docs/samples.md where COACHLOOP_SAMPLES
// names the folder of samples. A test fails while a file is not what this would write.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPolicy } from '@coachloop/evaluation';
import { readPolicy as readTriggers } from '@coachloop/training-assignment';
import { criticalRuleOf, levelRuleOf, renderClosingRule } from './lib/closing-rule.ts';
import { readCatalogues, renderCatalogue } from './lib/error-catalogue.ts';
import { renderSamples, samplesFolder } from './lib/samples.ts';
import { renderSettings } from './lib/settings-table.ts';
import { root } from './lib/workspaces.ts';

const write = (file: string, text: string) => {
  writeFileSync(join(root, file), text);
  console.log(file);
};

write('docs/errors.md', renderCatalogue(await readCatalogues()));
write('docs/configuration.md', renderSettings());
write(
  'docs/closing-rule.md',
  renderClosingRule(readPolicy(), levelRuleOf(readTriggers()), criticalRuleOf(readTriggers())),
);
const folder = samplesFolder(process.env);
if (folder === null)
  console.log('docs/samples.md is left as it is: COACHLOOP_SAMPLES names no folder with vcon-files/');
else write('docs/samples.md', await renderSamples(folder));
