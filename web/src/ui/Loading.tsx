import { Skeleton } from "@mantine/core";
import { useEffect, useState } from "react";

/** useLate is true once something has been going on for 150 ms: quick answers never flash a skeleton. */
export function useLate(active = true, ms = 150): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!active) return;
    const timer = setTimeout(() => setLate(true), ms);
    return () => clearTimeout(timer);
  }, [active, ms]);
  return late && active;
}

/** Loading is the skeleton of a block: rows of text, or one box of a given height. It takes its room from the start. */
export function Loading({ rows = 5, height }: { rows?: number; height?: number | string }) {
  const late = useLate();
  return (
    <div aria-busy="true" style={{ padding: 4, visibility: late ? "visible" : "hidden" }}>
      {height !== undefined ? (
        <Skeleton height={height} radius="md" />
      ) : (
        Array.from({ length: rows }, (_, i) => (
          <Skeleton key={i} height={14} my={9} width={`${92 - ((i * 17) % 40)}%`} />
        ))
      )}
    </div>
  );
}
