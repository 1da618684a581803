import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['test/**/*.{unit,int}.ts'], testTimeout: 20_000 } });
