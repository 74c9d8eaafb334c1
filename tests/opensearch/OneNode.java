import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.opensearch.Version;
import org.opensearch.common.settings.Settings;
import org.opensearch.env.Environment;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.PluginInfo;

/** One node of a cluster on this machine: FOLDER NUMBER COUNT FIRST_HTTP_PORT FIRST_TRANSPORT_PORT. */
public final class OneNode extends Node {
    private static final List<String> PLUGINS = List.of(
        "org.opensearch.transport.Netty4", "org.opensearch.analysis.common.CommonAnalysis",
        "org.opensearch.painless.Painless", "org.opensearch.index.mapper.MapperExtras");

    // A raw collection, since its elements are classes to version 2 and descriptions from 3 on.
    @SuppressWarnings({"rawtypes", "unchecked"})
    private OneNode(Environment environment) {
        super(environment, (Collection) PLUGINS.stream().map(OneNode::plugin).toList(), true);
    }

    private static Object plugin(String name) {
        if (Version.CURRENT.major >= 3) {
            return new PluginInfo(name, "", "", Version.CURRENT, "17", name + "ModulePlugin",
                List.of(), false);
        }
        try {
            return Class.forName(name + "Plugin");
        } catch (ClassNotFoundException error) {
            throw new IllegalStateException(error);
        }
    }

    public static void main(String[] words) throws Exception {
        int number = Integer.parseInt(words[1]);
        int count = Integer.parseInt(words[2]);
        int transport = Integer.parseInt(words[4]);
        Path home = Files.createDirectories(Path.of(words[0]).resolve("node" + number));
        Path config = Files.createDirectories(home.resolve("config"));
        Settings.Builder settings = Settings.builder()
            .put("path.home", home.toString())
            .put("cluster.name", "evidence-search-tests")
            .put("node.name", "node" + number)
            .put("node.processors", 2)
            .put("network.host", "127.0.0.1")
            .put("http.port", Integer.parseInt(words[3]) + number)
            .put("transport.port", transport + number)
            .put("http.type", "netty4")
            .put("transport.type", "netty4")
            .put("cluster.routing.allocation.disk.threshold_enabled", false);
        if (count == 1) {
            settings.put("discovery.type", "single-node");
        } else {
            List<Integer> numbers = IntStream.range(0, count).boxed().toList();
            settings.putList("discovery.seed_hosts",
                numbers.stream().map(n -> "127.0.0.1:" + (transport + n)).toList());
            settings.putList("cluster.initial_cluster_manager_nodes",
                numbers.stream().map(n -> "node" + n).toList());
        }
        OneNode node = new OneNode(InternalSettingsPreparer.prepareEnvironment(
            settings.build(), Map.of(), config, () -> "here"));
        node.start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try { node.close(); } catch (Exception error) { error.printStackTrace(); }
        }));
        Thread.currentThread().join();
    }
}
