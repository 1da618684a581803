import { type ReactNode, useId } from 'react';
import { Link } from 'wouter';
import classes from './parts.module.css';

/** The question of a view, and its answer in a sentence. */
export function Answer({ question, children, under }: { question?: string; children: ReactNode; under?: ReactNode }) {
  return (
    <div className={classes.answer}>
      {question === undefined ? null : <p className={classes.over}>{question}</p>}
      <h1>{children}</h1>
      {under === undefined || under === null ? null : <div className={classes.under}>{under}</div>}
    </div>
  );
}

interface SectionProps {
  readonly title: string;
  readonly hint?: string | undefined;
  readonly aside?: ReactNode;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

export function Section({ title, hint, aside, className, children }: SectionProps) {
  const name = useId();
  return (
    <section aria-labelledby={name} className={className ? `${classes.section} ${className}` : classes.section}>
      <div className={classes.sectionHead}>
        <h2 id={name}>{title}</h2>
        {hint === undefined ? null : <span className={classes.hint}>{hint}</span>}
        {aside === undefined ? null : <span className={classes.aside}>{aside}</span>}
      </div>
      {children}
    </section>
  );
}

export function Crumbs({ steps }: { steps: readonly { readonly href: string; readonly label: string }[] }) {
  return (
    <div className={classes.crumbs}>
      {steps.map(({ href, label }, i) => (
        <span key={href}>
          {i === 0 ? null : <span aria-hidden="true">/ </span>}
          <Link href={href} className="link">
            {label}
          </Link>
        </span>
      ))}
    </div>
  );
}
