#!/usr/bin/env -S node --import tsx
// Runs the sources as they are, without a build: node --import tsx bin/dev.js COMMAND
process.env.TLSMEDIC_SOURCES = '1';
import('@oclif/core').then(({ execute }) => execute({ development: true, dir: __dirname }));
