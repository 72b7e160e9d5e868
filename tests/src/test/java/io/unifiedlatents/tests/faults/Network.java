package io.unifiedlatents.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;

/**
 * Two machines on a bridge of this one: network namespaces, each with an address of its own. Packets between them can
 * be made to vanish, while both still reach this machine: no socket is closed, no error returned. Needs root and
 * iproute2.
 */
final class Network implements AutoCloseable {
    static final String HOST = "10.77.31.1";
    static final int MACHINES = 2;

    private static final String BRIDGE = "ul-bridge";

    private Network() {}

    /** Makes it, or skips the test where this process may not. */
    static Network open() throws IOException, InterruptedException {
        close(false);
        assumeTrue(
                run("ip", "link", "add", BRIDGE, "type", "bridge") == 0, "network namespaces need root and iproute2");
        Network network = new Network();
        must("ip addr add " + HOST + "/24 dev " + BRIDGE);
        must("ip link set " + BRIDGE + " up");
        for (int machine = 1; machine <= MACHINES; machine++) {
            must("ip netns add " + name(machine));
            must("ip link add " + port(machine) + " type veth peer name eth0 netns " + name(machine));
            must("ip link set " + port(machine) + " master " + BRIDGE + " up");
            must("ip -n " + name(machine) + " addr add " + address(machine) + "/24 dev eth0");
            must("ip -n " + name(machine) + " link set eth0 up");
            must("ip -n " + name(machine) + " link set lo up");
        }
        return network;
    }

    private static String name(int machine) {
        return "ul-machine-" + machine;
    }

    private static String port(int machine) {
        return "ul-port-" + machine;
    }

    static String address(int machine) {
        return "10.77.31." + (10 + machine);
    }

    /** What goes before a command to run it on a machine. */
    static List<String> on(int machine) {
        return List.of("ip", "netns", "exec", name(machine));
    }

    /** Lets packets between the machines vanish, or pass again. */
    void cut(boolean cut) throws IOException, InterruptedException {
        for (int machine = 1; machine <= MACHINES; machine++) {
            must("bridge link set dev " + port(machine) + " isolated " + (cut ? "on" : "off"));
        }
    }

    private static void must(String command) throws IOException, InterruptedException {
        assertThat(run(command.split(" "))).as(command).isZero();
    }

    private static int run(String... command) throws InterruptedException {
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException e) {
            return -1; // no such program
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        close(true);
    }

    private static void close(boolean made) throws IOException, InterruptedException {
        for (int machine = 1; machine <= MACHINES; machine++) {
            int deleted = run("ip", "netns", "del", name(machine));
            assertThat(made && deleted != 0).isFalse();
        }
        run("ip", "link", "del", BRIDGE);
    }
}
