import classes from "./Board.module.css";

/** Preview is the sketch on a card: blocks as a board has them, different for each id, always the same for one. */
export function Preview({ id, broken }: { id: string; broken: boolean }) {
  let seed = [...id].reduce((h, c) => Math.imul(h ^ c.charCodeAt(0), 16777619), 2166136261) >>> 0;
  const next = (n: number) => {
    seed = Math.imul(seed ^ (seed >>> 15), 2246822519) >>> 0;
    return seed % n;
  };
  const bars = Array.from({ length: 18 }, (_, i) => 6 + next(12) + (i > 9 && i < 13 ? 10 : 0));
  const rows = Array.from({ length: 5 }, (_, i) => 56 - i * 9 - next(6));
  return (
    <svg
      className={classes.preview}
      viewBox="0 0 300 84"
      preserveAspectRatio="xMidYMid slice"
      aria-hidden
      data-broken={broken || undefined}
    >
      {[0, 1, 2, 3].map((i) => (
        <g key={i}>
          <rect x={10 + i * 71} y={10} width={65} height={20} rx={3} className={classes.block} />
          <rect x={16 + i * 71} y={17} width={14 + next(22)} height={6} rx={2} className={classes.ink} />
        </g>
      ))}
      <rect x={10} y={36} width={160} height={60} rx={3} className={classes.block} />
      {bars.map((h, i) => (
        <rect key={i} x={17 + i * 8.3} y={82 - h} width={6} height={h + 4} rx={1} className={classes.ink} />
      ))}
      <rect x={176} y={36} width={114} height={60} rx={3} className={classes.block} />
      {rows.map((w, i) => (
        <rect
          key={i}
          x={183}
          y={43 + i * 9}
          width={w + 34}
          height={5}
          rx={2}
          className={classes.ink}
          opacity={1 - i * 0.13}
        />
      ))}
    </svg>
  );
}
