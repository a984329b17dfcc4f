import ArgumentParser
import Settings

struct SourceOptions: ParsableArguments {
  @Option(.prometheusEndpoint) var prometheusEndpoint: String?
  @Option(.prometheusHeader) var prometheusHeader: String?
  @Option(.prometheusQueryParameter) var prometheusQueryParameter: String?
  @Option(TokenOptions.prometheus.file) var prometheusTokenFile: String?
  @Option(AccessOptions.prometheus.user) var prometheusUser: String?
  @Option(AccessOptions.prometheus.passwordFile) var prometheusPasswordFile: String?
  @Option(AccessOptions.prometheus.caFile) var prometheusCAFile: String?
  @Option(AccessOptions.prometheus.certificateFile) var prometheusCertificateFile: String?
  @Option(AccessOptions.prometheus.keyFile) var prometheusKeyFile: String?
  @Flag(AccessOptions.prometheus.skipTLSVerify) var prometheusSkipTLSVerify: Bool
  @Option(TokenOptions.router.file) var routerTokenFile: String?
  @Option(AccessOptions.router.user) var routerUser: String?
  @Option(AccessOptions.router.passwordFile) var routerPasswordFile: String?
  @Option(AccessOptions.router.caFile) var routerCAFile: String?
  @Option(AccessOptions.router.certificateFile) var routerCertificateFile: String?
  @Option(AccessOptions.router.keyFile) var routerKeyFile: String?
  @Flag(AccessOptions.router.skipTLSVerify) var routerSkipTLSVerify: Bool

  var given: [GivenFlag] {
    let prometheus = AccessOptions.prometheus
    let router = AccessOptions.router
    return [
      (.prometheusEndpoint, prometheusEndpoint), (.prometheusHeader, prometheusHeader),
      (.prometheusQueryParameter, prometheusQueryParameter),
      (TokenOptions.prometheus.file, prometheusTokenFile), (prometheus.user, prometheusUser),
      (prometheus.passwordFile, prometheusPasswordFile), (prometheus.caFile, prometheusCAFile),
      (prometheus.certificateFile, prometheusCertificateFile),
      (prometheus.keyFile, prometheusKeyFile),
      prometheus.skipTLSVerify.given(prometheusSkipTLSVerify),
      (TokenOptions.router.file, routerTokenFile), (router.user, routerUser),
      (router.passwordFile, routerPasswordFile), (router.caFile, routerCAFile),
      (router.certificateFile, routerCertificateFile), (router.keyFile, routerKeyFile),
      router.skipTLSVerify.given(routerSkipTLSVerify),
    ]
  }
}

struct ConnectorOptions: ParsableArguments {
  @Option(.etcdEndpoints) var etcdEndpoints: String?
  @Option(.scalingMaxWaitTime) var scalingMaxWaitTime: String?
  @Option(AccessOptions.etcd.user) var etcdUser: String?
  @Option(AccessOptions.etcd.passwordFile) var etcdPasswordFile: String?
  @Option(AccessOptions.etcd.caFile) var etcdCAFile: String?
  @Option(AccessOptions.etcd.certificateFile) var etcdCertificateFile: String?
  @Option(AccessOptions.etcd.keyFile) var etcdKeyFile: String?
  @Flag(AccessOptions.etcd.skipTLSVerify) var etcdSkipTLSVerify: Bool
  @Option(.kubernetesLease) var kubernetesLease: String?

  var given: [GivenFlag] {
    let etcd = AccessOptions.etcd
    return [
      (.etcdEndpoints, etcdEndpoints), (.scalingMaxWaitTime, scalingMaxWaitTime),
      (etcd.user, etcdUser), (etcd.passwordFile, etcdPasswordFile), (etcd.caFile, etcdCAFile),
      (etcd.certificateFile, etcdCertificateFile), (etcd.keyFile, etcdKeyFile),
      etcd.skipTLSVerify.given(etcdSkipTLSVerify), (.kubernetesLease, kubernetesLease),
    ]
  }
}
