import { useRouter } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, MouseEvent, Ref } from "react";

export interface GoProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  /** Address inside the app. */
  to: string;
  ref?: Ref<HTMLAnchorElement>;
}

/** Go is a link inside the app; new tab and copy of the address work as with any link. As a button: `<Button component={Go} to="…">`. */
export function Go({ to, onClick, ref, ...rest }: GoProps) {
  const router = useRouter();
  const click = (e: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(e);
    if (e.defaultPrevented || e.button !== 0 || e.metaKey || e.ctrlKey || e.shiftKey || e.altKey || rest.target) return;
    e.preventDefault();
    router.history.push(to);
  };
  return <a ref={ref} href={to} onClick={click} {...rest} />;
}
