/** inside gives a path of this app; an address that leads elsewhere becomes the start page. */
export function inside(back: string): string {
  return /^\/(?![/\\])[^\p{Cc}]*$/u.test(back) && !back.startsWith("/login") ? back : "/";
}
