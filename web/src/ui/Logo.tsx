/** Logo is the watchtower: a roof, the lantern under it, and legs with braces. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" fill="#3a47c0" />
      <path
        fill="none"
        stroke="#fff"
        strokeWidth="2.1"
        strokeLinecap="round"
        strokeLinejoin="round"
        d="M4.8 11.2c5-.6 9-2.8 11.2-6.2 2.2 3.4 6.2 5.6 11.2 6.2M9 11.4v4.4M23 11.4v4.4M7 16h18M10.4 16 8 27M21.6 16 24 27M9.8 22.500l11.500-5M22.200 22.500l-11.500-5"
      />
      <circle cx="16" cy="11.6" r="2" fill="#4fe0c8" />
    </svg>
  );
}
