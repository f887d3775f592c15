import type { ReactNode } from "react";
import classes from "./Page.module.css";

/**
 * Page is the frame of a page: title line with actions at its right, then the content.
 * `flush`: no padding (the page scrolls inside, as Explore does). The title is always the h1; `hideTitle` keeps it for screen readers.
 */
export function Page({
  title,
  subtitle,
  actions,
  children,
  flush,
  hideTitle,
}: {
  title: string;
  subtitle?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
  flush?: boolean;
  hideTitle?: boolean;
}) {
  return (
    <div className={flush ? classes.flush : classes.page}>
      <title>{`${title} · Yagura`}</title>
      <header className={hideTitle ? classes.hidden : classes.head}>
        <div>
          <h1 className={classes.title}>{title}</h1>
          {subtitle && <div className={classes.subtitle}>{subtitle}</div>}
        </div>
        {actions && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** Panel is one box of a page with an optional title line. */
export function Panel({
  title,
  actions,
  children,
  pad = true,
  className,
}: {
  title?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
  pad?: boolean;
  className?: string;
}) {
  return (
    <section className={`y-panel ${classes.panel} ${className ?? ""}`}>
      {title && (
        <div className={classes.panelHead}>
          <h2>{title}</h2>
          {actions}
        </div>
      )}
      <div className={pad ? classes.panelBody : undefined}>{children}</div>
    </section>
  );
}
