/** The record of the call. What the source did not tell is unknown. */
import type { ReactNode } from 'react';
import type { CallDetail } from '../data/types.ts';
import { useSpeech } from '../i18n/index.tsx';
import { Unknown } from '../parts/states.tsx';
import classes from './call.module.css';

export function Facts({ call }: { call: CallDetail }) {
  const { t, term, duration, whole } = useSpeech();
  const length = (seconds: number | undefined) => (seconds === undefined ? <Unknown /> : duration(seconds * 1000));
  const whole_ =
    call.endedAt === undefined ? undefined : (Date.parse(call.endedAt) - Date.parse(call.startedAt)) / 1000;
  const language = call.language?.split('-')[0];
  const voice = call.channel === 'voice';
  const facts: readonly (readonly [string, ReactNode] | null)[] = [
    [t.call.duration, length(whole_)],
    [t.call.wait, length(call.waitSeconds)],
    voice ? [t.call.ring, length(call.ringSeconds)] : null,
    [t.call.talk, length(call.talkSeconds)],
    voice ? [t.call.hold, length(call.holdSeconds)] : null,
    [t.call.wrapup, length(call.wrapupSeconds)],
    [t.call.channel, `${term('channel', call.channel)}${t.mark.comma}${term('direction', call.direction)}`],
    language === undefined ? null : [t.call.language, term('language', language)],
    call.queue === undefined ? null : [t.call.queue, call.queue],
    call.transfers === 0 ? null : [t.call.transfers, whole(call.transfers)],
    [
      t.call.survey,
      call.survey ? (
        t.call.surveyScore(whole(call.survey.score), whole(call.survey.scale.min), whole(call.survey.scale.max))
      ) : (
        <Unknown key="survey" />
      ),
    ],
    [t.call.sourceId, <code key="id">{call.sourceCallId}</code>],
  ];
  return (
    <section aria-label={t.call.facts}>
      <dl className={classes.facts}>
        {facts.map((fact) =>
          fact === null ? null : (
            <div key={fact[0]}>
              <dt>{fact[0]}</dt>
              <dd>{fact[1]}</dd>
            </div>
          ),
        )}
      </dl>
      {call.missing.length > 0 ? (
        <p className={classes.missing}>
          {t.call.missing(call.missing.map((one) => term('missing', one)).join(t.mark.comma))}
        </p>
      ) : null}
    </section>
  );
}
