import { Loading } from "@/ui";
import classes from "./Entity.module.css";

/** Waiting takes the room of the answer from the start. */
export function Waiting() {
  return (
    <div className={classes.grid}>
      <div className={classes.full}>
        <Loading height={72} />
      </div>
      <div className={classes.wide}>
        <Loading height={270} />
      </div>
      <div className={classes.narrow}>
        <Loading height={270} />
      </div>
      <div className={classes.wide}>
        <Loading height={220} />
      </div>
      <div className={classes.narrow}>
        <Loading height={220} />
      </div>
    </div>
  );
}
