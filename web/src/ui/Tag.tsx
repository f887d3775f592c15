import type { ReactNode } from "react";
import classes from "./severity.module.css";

/** Tag is a word in a soft box; the mood only adds to the word. */
export function Tag({
  mood = "dim",
  children,
}: {
  mood?: "good" | "warn" | "bad" | "accent" | "dim";
  children: ReactNode;
}) {
  return (
    <span className={classes.status} data-mood={mood}>
      {children}
    </span>
  );
}
