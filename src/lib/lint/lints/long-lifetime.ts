import { certificateLint } from '../lint.js';

export const longLifetime = certificateLint({
  meta: {
    name: 'long-lifetime',
    severity: 'warning',
    title: 'an end entity certificate that lives longer than 90 days',
    why: 'What is renewed once a year is renewed by hand and forgotten, and a stolen key stays good as long as its certificate: inside a company revocation is rarely checked at all.',
    fix: 'shorten it and renew by machine: tlsmedic issue HOST --lifetime 30d',
    citation: { url: 'https://letsencrypt.org/2015/11/09/why-90-days/', title: 'Why ninety-day lifetimes for certificates?' },
  },
  applies: ({ role }) => role === 'leaf',
  check: ({ certificate: { notBefore, notAfter } }) => {
    const days = (notAfter - notBefore) / 86_400_000;
    return days > 90.5
      ? { message: `lives ${Math.round(days)} days; more than 90 is renewed by hand and forgotten, and a stolen key stays good that long` }
      : undefined;
  },
});
