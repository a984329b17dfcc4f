// The floor under one invocation: the requests that `sla-planner run` makes, side by side where it
// makes them side by side, and its two SQLite transactions that wait for the disk; nothing else. No
// settings, no profile, no parsing, no forecast, no decision, no lease. `scripts/bench` writes what
// it sends and executes from what the planner itself has just sent and stored.
//
// Usage: floor FOLDER STATE
//   FOLDER/steps: names of files, one a line, in their order. Those that end in .sql are
//   transactions; the others hold requests, one a line, that are sent side by side: a method, a URL
//   and, where there is one, the type of a body and the body, with blanks in between
//   FOLDER/token, FOLDER/ca.pem: bearer token and authority for https; STATE: the SQLite file
#include <curl/curl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *folder;

static void fail(const char *what, const char *why) {
  fprintf(stderr, "floor: %s: %s\n", what, why);
  exit(1);
}

static char *contents(const char *name) {
  char path[1024];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail(path, "can't be read");
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  rewind(file);
  char *text = malloc(size + 1);
  if (fread(text, 1, size, file) != size) fail(path, "can't be read");
  text[size] = 0;
  fclose(file);
  return text;
}

static size_t drop(char *bytes, size_t size, size_t count, void *received) {
  (void)bytes;
  *(size_t *)received += size * count;
  return size * count;
}

/// Sets what the planner sets for an API server.
static void authenticate(CURL *easy, struct curl_slist **headers) {
  static char authority[1024], authorization[4096];
  snprintf(authority, sizeof authority, "%s/ca.pem", folder);
  snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", contents("token"));
  curl_easy_setopt(easy, CURLOPT_CAINFO, authority);
  *headers = curl_slist_append(*headers, authorization);
}

/// Sends all requests of a file at once and waits until each is answered with status 200.
static void exchange(CURLM *multi, const char *name) {
  static size_t received;
  char *requests = contents(name), *rest = requests, *line;
  size_t count = 0;
  while ((line = strsep(&rest, "\n")) != NULL) {
    if (*line == 0) continue;
    char *body = line, *method = strsep(&body, " "), *url = strsep(&body, " ");
    char *type = strsep(&body, " ");
    struct curl_slist *headers = NULL;
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
    curl_easy_setopt(easy, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, &received);
    if (strncmp(url, "https:", 6) == 0) authenticate(easy, &headers);
    if (body != NULL) {
      char *header = malloc(strlen(type) + 32);
      sprintf(header, "Content-Type: %s", type);
      headers = curl_slist_append(headers, header);
      curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
      curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method);
    }
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_multi_add_handle(multi, easy);
    count++;
  }
  int running = 1;
  while (running > 0) {
    curl_multi_perform(multi, &running);
    if (running > 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  CURLMsg *message;
  int left;
  size_t answered = 0;
  while ((message = curl_multi_info_read(multi, &left)) != NULL) {
    if (message->data.result != CURLE_OK) fail(name, curl_easy_strerror(message->data.result));
    answered++;
  }
  if (answered != count) fail(name, "not every request was answered");
  // The handles go with their connections when the process does, as the planner's do.
}

static void execute(sqlite3 *state, const char *name) {
  char *message = NULL;
  if (sqlite3_exec(state, contents(name), NULL, NULL, &message) != SQLITE_OK) fail(name, message);
}

int main(int count, char **arguments) {
  if (count != 3) return 64;
  folder = arguments[1];
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURLM *multi = curl_multi_init();
  sqlite3 *state;
  if (sqlite3_open_v2(arguments[2], &state, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
    fail(arguments[2], sqlite3_errmsg(state));
  char *steps = contents("steps"), *step;
  while ((step = strsep(&steps, "\n")) != NULL) {
    size_t length = strlen(step);
    if (length == 0) continue;
    if (length > 4 && strcmp(step + length - 4, ".sql") == 0)
      execute(state, step);
    else
      exchange(multi, step);
  }
  _Exit(0);
}
