// Serves the files of a folder over HTTP/1.1 on a loopback port, from memory and with kept
// connections, so that what is measured is the client. It prints its port and runs until killed.
//
// Usage: pageserver FOLDER
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char *folder;

static void send_all(int client, const char *bytes, size_t count) {
  while (count > 0) {
    ssize_t sent = send(client, bytes, count, MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes += sent;
    count -= (size_t)sent;
  }
}

/// Answers one request for `name`, a file name without a path.
static void answer(int client, const char *name) {
  char path[1024];
  FILE *file = NULL;
  if (strchr(name, '/') == NULL && name[0] != '.') {
    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "rb");
  }
  if (file == NULL) {
    const char *missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    send_all(client, missing, strlen(missing));
    return;
  }
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  rewind(file);
  char *whole = malloc(size + 256);
  int head = snprintf(whole, 256,
                      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
                      "Content-Length: %zu\r\n\r\n",
                      size);
  if (fread(whole + head, 1, size, file) == size) send_all(client, whole, (size_t)head + size);
  free(whole);
  fclose(file);
}

static void *serve(void *argument) {
  int client = (int)(long)argument;
  char request[16384];
  size_t length = 0;
  for (;;) {
    ssize_t count = recv(client, request + length, sizeof request - 1 - length, 0);
    if (count <= 0) break;
    length += (size_t)count;
    request[length] = 0;
    if (strstr(request, "\r\n\r\n") == NULL) continue;
    char name[256] = "";
    sscanf(request, "GET /%255s ", name);
    answer(client, name);
    length = 0;
  }
  close(client);
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 2) return 64;
  folder = arguments[1];
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
