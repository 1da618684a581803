import { expect, test, vi } from 'vitest';

test('what tests wait for may take longer than a second, in every package', async () => {
  const startedMs = performance.now();
  await vi.waitFor(() => expect(performance.now() - startedMs).toBeGreaterThan(1_500));
});

test('a bound of its own is kept', async () => {
  for (const options of [20, { timeout: 20 }])
    await expect(vi.waitFor(() => expect(1).toBe(2), options)).rejects.toThrow('to be 2');
});
