import type { Icon } from "@tabler/icons-react";
import { IconBinoculars } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./states.module.css";

/** EmptyState says that there is nothing and what to do next. Children are the buttons of the next step. */
export function EmptyState({
  icon: I = IconBinoculars,
  title,
  text,
  children,
}: {
  icon?: Icon;
  title: string;
  text?: ReactNode;
  children?: ReactNode;
}) {
  return (
    <div className={classes.state} role="status">
      <span className={classes.icon}>
        <I size={26} stroke={1.5} aria-hidden />
      </span>
      <div className={classes.title}>{title}</div>
      {text && <div className={classes.text}>{text}</div>}
      {children && <div className={classes.actions}>{children}</div>}
    </div>
  );
}
