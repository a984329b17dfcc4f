// Simulates M/M/c, M/D/c and M/G/c queues customer by customer and prints mean wait and quantiles of
// wait plus service as JSON: the reference of MultiServerQueueTests. Eight minutes:
//
//   cc -O3 -o /tmp/queues scripts/reference/queues.c -lm && /tmp/queues > Tests/Fixtures/golden/queues.json
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct service {
  const char *name;
  int count;  // 0: exponential
  double values[4], shares[4];
};

static const struct service services[] = {
    {"M/M/c", 0, {0}, {0}},
    {"M/D/c", 1, {1}, {1}},
    {"M/G/c, cv² 0.24", 4, {0.4, 0.8, 1.2, 1.8}, {0.3, 0.3, 0.2, 0.2}},
    {"M/G/c, cv² 0.96", 3, {0.25, 1, 3.5}, {0.4, 0.45, 0.15}},
    {"M/G/c, cv² 1.8", 3, {0.2, 1, 5}, {0.5, 0.38, 0.12}},
};

static uint64_t state = 20260101;

static double uniform(void) {  // SplitMix64
  uint64_t z = state += 0x9e3779b97f4a7c15ULL;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static double draw(const struct service *s) {
  if (s->count == 0) return -log1p(-uniform());
  double rest = uniform();
  for (int i = 0; i < s->count - 1; i++) {
    rest -= s->shares[i];
    if (rest < 0) return s->values[i];
  }
  return s->values[s->count - 1];
}

// Sojourns in bins of 0.05 % from 1e-3 up.
#define BINS 40000
static uint64_t bins[BINS];

static double quantile(double share, uint64_t total) {
  uint64_t want = (uint64_t)(share * (double)total), seen = 0;
  for (int i = 0; i < BINS; i++) {
    seen += bins[i];
    if (seen > want) return 1e-3 * exp((i + 0.5) * 5e-4);
  }
  return INFINITY;
}

static void simulate(const struct service *s, int servers, double utilisation, uint64_t customers) {
  double mean = s->count ? 0 : 1;
  for (int i = 0; i < s->count; i++) mean += s->values[i] * s->shares[i];
  double gap = mean / (utilisation * servers), now = 0, sum = 0, free[64] = {0};
  memset(bins, 0, sizeof bins);
  uint64_t discarded = customers / 20;
  for (uint64_t n = 0; n < customers; n++) {
    now -= log1p(-uniform()) * gap;
    double time = draw(s), start = now > free[0] ? now : free[0], done = start + time;
    int place = 0;  // the heap's first is the server that is free first
    for (;;) {
      int child = 2 * place + 1;
      if (child >= servers) break;
      if (child + 1 < servers && free[child + 1] < free[child]) child++;
      if (free[child] >= done) break;
      free[place] = free[child];
      place = child;
    }
    free[place] = done;
    if (n < discarded) continue;
    sum += start - now;
    int bin = (int)(log((done - now) / 1e-3) / 5e-4);
    bins[bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin]++;
  }
  uint64_t counted = customers - discarded;
  printf("\"meanWait\": %.7g, \"sojourn90\": %.6g, \"sojourn95\": %.6g, \"sojourn99\": %.6g",
         sum / (double)counted, quantile(0.90, counted), quantile(0.95, counted),
         quantile(0.99, counted));
}

int main(void) {
  const int counts[] = {1, 2, 5, 20, 60};
  const double utilisations[] = {0.3, 0.6, 0.8, 0.9, 0.97};
  printf("{\"source\": \"scripts/reference/queues.c\", \"cases\": [");
  for (size_t s = 0; s < sizeof services / sizeof *services; s++)
    for (int c = 0; c < 5; c++)
      for (int u = 0; u < 5; u++) {
        const struct service *service = &services[s];
        printf("%s\n{\"queue\": \"%s\", \"values\": [", s + c + u ? "," : "", service->name);
        for (int i = 0; i < service->count; i++)
          printf("%s%g", i ? ", " : "", service->values[i]);
        printf("], \"shares\": [");
        for (int i = 0; i < service->count; i++)
          printf("%s%g", i ? ", " : "", service->shares[i]);
        printf("], \"servers\": %d, \"utilisation\": %g, ", counts[c], utilisations[u]);
        simulate(service, counts[c], utilisations[u],
                 utilisations[u] > 0.95   ? 80000000
                 : utilisations[u] > 0.85 ? 20000000
                                          : 5000000);
        printf("}");
        fflush(stdout);
      }
  printf("\n]}\n");
}
