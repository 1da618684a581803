/** Which form a call is scored by. */
import type { CallRecord } from '@coachloop/contracts';
import type { ScoredCall } from './call.ts';
import type { CompiledForm } from './form/compile.ts';
import { languageOf } from './language.ts';

/** Where no form is made for a channel, the nearest kind: mail is written like a chat; of anything else we know nothing but the words. */
const NEAREST: Readonly<Record<CallRecord['channel'], readonly CallRecord['channel'][]>> = {
  voice: ['voice'],
  chat: ['chat'],
  mail: ['mail', 'chat'],
  other: ['other', 'chat'],
};

/**
 * The form for a language and channel. Language first: the exact tag, then shorter ones (zh-Hant-TW, zh-Hant, zh), then `any`;
 * within a language the channel, then its nearest kind. Of the forms that fit equally the highest version, then the lowest id.
 * A language that no form knows gets an `any` form, never another language's: its phrases would only miss.
 * Undefined: not even an `any` form fits the channel.
 */
export function publishedForm(
  forms: readonly CompiledForm[],
  call: { readonly language: string | undefined; readonly channel: CallRecord['channel'] },
): CompiledForm | undefined {
  for (const tag of tagsOf(call.language)) {
    for (const channel of NEAREST[call.channel]) {
      const fitting = forms.filter(
        ({ form }) => form.channels.includes(channel) && form.languages.some((one) => one.toLowerCase() === tag),
      );
      const best = fitting.reduce<CompiledForm | undefined>(
        (a, b) => (a === undefined || outranks(b, a) ? b : a),
        undefined,
      );
      if (best) return best;
    }
  }
  return undefined;
}

const outranks = (a: CompiledForm, b: CompiledForm): boolean =>
  a.form.version > b.form.version || (a.form.version === b.form.version && a.form.id < b.form.id);

function tagsOf(language: string | undefined): string[] {
  const parts = language?.toLowerCase().split('-') ?? [];
  return [...parts.map((_, n) => parts.slice(0, parts.length - n).join('-')), 'any'];
}

export const formFor = (forms: readonly CompiledForm[], call: ScoredCall): CompiledForm | undefined =>
  publishedForm(forms, { language: languageOf(call), channel: call.channel });
