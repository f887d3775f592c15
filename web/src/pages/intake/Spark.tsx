import classes from "./Intake.module.css";

/** Spark is a small line over a day. The number beside it says the same, so it is hidden from screen readers. */
export function Spark({ values, label }: { values: number[]; label: string }) {
  if (values.length < 2) return null;
  const most = Math.max(1, ...values);
  const points = values.map((v, i) => `${(i / (values.length - 1)) * 100},${26 - (v / most) * 24}`);
  return (
    <svg className={classes.spark} viewBox="0 0 100 27" preserveAspectRatio="none" aria-hidden data-label={label}>
      <polygon points={`0,27 ${points.join(" ")} 100,27`} />
      <polyline points={points.join(" ")} />
    </svg>
  );
}
