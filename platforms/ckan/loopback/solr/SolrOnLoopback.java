import java.nio.file.Path;
import java.util.Properties;
import org.apache.solr.embedded.JettyConfig;
import org.apache.solr.embedded.JettySolrRunner;

/** Serves a Solr home on 127.0.0.1: SolrOnLoopback HOME PORT. Solr's own packaging is no Maven artefact. */
public final class SolrOnLoopback {
  public static void main(String[] arguments) throws Exception {
    String home = Path.of(arguments[0]).toAbsolutePath().toString();
    System.setProperty("solr.jetty.host", "127.0.0.1");
    JettyConfig config =
        JettyConfig.builder().setContext("/solr").setPort(Integer.parseInt(arguments[1])).build();
    JettySolrRunner server = new JettySolrRunner(home, new Properties(), config);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server)));
    server.start();
    System.out.println("Solr answers at " + server.getBaseUrl());
    Thread.currentThread().join();
  }

  private static void stop(JettySolrRunner server) {
    try {
      server.stop();
    } catch (Exception failure) {
      failure.printStackTrace();
    }
  }
}
