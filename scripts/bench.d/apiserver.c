// Plays a Kubernetes API server over TLS on a loopback port, from memory and with kept connections,
// so that what is measured is the client. Reads are answered from a file, writes with what was
// written, nothing without a bearer token. Every request is logged with its body. It prints its port
// and runs until killed.
//
// Usage: apiserver ANSWERS LOG CERTIFICATE KEY
//   ANSWERS: a path, a blank, and its JSON, one a line
//   LOG: method, path, content type (- for none) and body, one request a line
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static struct {
  char *path, *body;
} answers[64];
static size_t known;
static int journal;
static SSL_CTX *context;

static void read_answers(const char *file) {
  FILE *stream = fopen(file, "r");
  char *line = NULL;
  size_t size = 0;
  if (stream == NULL) exit(66);
  while (known < sizeof answers / sizeof *answers && getline(&line, &size, stream) > 0) {
    char *body = strdup(line);
    body[strcspn(body, "\n")] = 0;
    answers[known].path = strsep(&body, " ");
    if (body != NULL) answers[known++].body = body;
  }
  fclose(stream);
}

static void respond(SSL *client, int status, const char *body, size_t size) {
  char *whole = malloc(size + 256);
  int head = snprintf(whole, 256,
                      "HTTP/1.1 %d .\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
                      status, size);
  memcpy(whole + head, body, size);
  SSL_write(client, whole, head + (int)size);
  free(whole);
}

/// The value of a header, or `-`, in `value`.
static void header(const char *head, const char *name, char *value, size_t size) {
  snprintf(value, size, "-");
  for (const char *line = strstr(head, "\r\n"); line != NULL; line = strstr(line + 2, "\r\n")) {
    size_t length = strlen(name);
    if (strncasecmp(line + 2, name, length) != 0 || line[2 + length] != ':') continue;
    const char *start = line + 3 + length;
    start += strspn(start, " ");
    snprintf(value, size, "%.*s", (int)strcspn(start, "\r"), start);
    return;
  }
}

static void answer(SSL *client, const char *head, const char *body, size_t size) {
  char method[16] = "", path[512] = "", type[128], token[256], note[65536];
  sscanf(head, "%15s %511s", method, path);
  header(head, "Content-Type", type, sizeof type);
  header(head, "Authorization", token, sizeof token);
  int length = snprintf(note, sizeof note, "%s %s %s %.*s\n", method, path, type, (int)size, body);
  if (write(journal, note, (size_t)length) != length) exit(74);
  const char *refusal = "{\"kind\":\"Status\",\"status\":\"Failure\"}";
  if (strncmp(token, "Bearer ", 7) != 0) return respond(client, 401, refusal, strlen(refusal));
  if (strcmp(method, "GET") != 0) return respond(client, 200, body, size);
  for (size_t i = 0; i < known; i++)
    if (strcmp(answers[i].path, path) == 0)
      return respond(client, 200, answers[i].body, strlen(answers[i].body));
  respond(client, 404, refusal, strlen(refusal));
}

static void *serve(void *argument) {
  int socket = (int)(long)argument;
  SSL *client = SSL_new(context);
  SSL_set_fd(client, socket);
  if (SSL_accept(client) == 1) {
    static const size_t room = 1 << 20;
    char *request = malloc(room);
    size_t length = 0;
    for (;;) {
      int count = SSL_read(client, request + length, (int)(room - 1 - length));
      if (count <= 0) break;
      length += (size_t)count;
      request[length] = 0;
      char *end = strstr(request, "\r\n\r\n"), size[32];
      if (end == NULL) continue;
      char *body = end + 4;
      *end = 0;
      header(request, "Content-Length", size, sizeof size);
      size_t expected = size[0] == '-' ? 0 : strtoul(size, NULL, 10);
      *end = '\r';
      if (length - (size_t)(body - request) < expected) continue;
      *end = 0;
      answer(client, request, body, expected);
      length = 0;
    }
    free(request);
  }
  SSL_free(client);
  close(socket);
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 5) return 64;
  signal(SIGPIPE, SIG_IGN);
  read_answers(arguments[1]);
  journal = open(arguments[2], O_WRONLY | O_CREAT | O_APPEND, 0600);
  context = SSL_CTX_new(TLS_server_method());
  if (journal < 0 || SSL_CTX_use_certificate_file(context, arguments[3], SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_use_PrivateKey_file(context, arguments[4], SSL_FILETYPE_PEM) != 1)
    return 66;
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 64) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0)
    return 1;
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  for (;;) {
    int client = accept(listener, NULL, NULL);
    if (client < 0) continue;
    int on = 1;
    setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve, (void *)(long)client) == 0)
      pthread_detach(thread);
    else
      close(client);
  }
}
