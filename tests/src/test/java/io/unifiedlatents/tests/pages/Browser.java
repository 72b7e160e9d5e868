package io.unifiedlatents.tests.pages;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A headless Chromium with one page, driven over its DevTools protocol. One thread uses it. */
final class Browser implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String LISTENING = "DevTools listening on ";
    private static final long PATIENCE_SECONDS = 60;

    private final Process process;
    private final WebSocket socket;
    private final BlockingQueue<JsonNode> incoming;
    private final List<JsonNode> events = new ArrayList<>();
    private String session = "";
    private int requests;

    private Browser(Process process, WebSocket socket, BlockingQueue<JsonNode> incoming) {
        this.process = process;
        this.socket = socket;
        this.incoming = incoming;
    }

    /** The browser of this machine; null where there is none. */
    static @Nullable Path executable() {
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.of(path.split(File.pathSeparator))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    /** Starts it with an empty profile. */
    static Browser start(Path executable, Path profile) throws Exception {
        Process process = new ProcessBuilder(
                        executable.toString(),
                        "--headless",
                        "--no-sandbox", // which root has not got
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--force-color-profile=srgb",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            BufferedReader errors = process.errorReader(StandardCharsets.UTF_8);
            List<String> said = new ArrayList<>();
            String line = errors.readLine();
            while (line != null && !line.startsWith(LISTENING)) {
                said.add(line);
                line = errors.readLine();
            }
            if (line == null) {
                throw new IOException(executable + " has not started: " + String.join("\n", said));
            }
            Thread drain = new Thread(() -> errors.lines().forEach(ignored -> {}), "errors of the browser");
            drain.setDaemon(true);
            drain.start();
            BlockingQueue<JsonNode> incoming = new LinkedBlockingQueue<>();
            WebSocket socket = HttpClient.newHttpClient()
                    .newWebSocketBuilder()
                    .buildAsync(URI.create(line.substring(LISTENING.length())), new Messages(incoming))
                    .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            Browser browser = new Browser(process, socket, incoming);
            browser.openPage();
            return browser;
        } catch (Exception e) {
            process.destroyForcibly();
            throw e;
        }
    }

    /** Puts the parts of a message together. */
    private static final class Messages implements WebSocket.Listener {
        private final BlockingQueue<JsonNode> incoming;
        private final StringBuilder text = new StringBuilder();

        Messages(BlockingQueue<JsonNode> incoming) {
            this.incoming = incoming;
        }

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    incoming.add(JSON.readTree(text.toString()));
                } catch (IOException e) {
                    throw new IllegalStateException("the browser does not speak JSON", e);
                }
                text.setLength(0);
            }
            socket.request(1);
            return null;
        }
    }

    private void openPage() throws Exception {
        String target = call("Target.createTarget", Map.of("url", "about:blank"))
                .get("targetId")
                .asText();
        session = call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
                .get("sessionId")
                .asText();
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable", Map.of());
        }
    }

    /** Shows a page in a window of this many CSS pixels, and waits until it has loaded. */
    void show(Path page, int width, int height, boolean dark) throws Exception {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        Map<String, String> scheme = Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light");
        call("Emulation.setEmulatedMedia", Map.of("features", List.of(scheme)));
        events.clear();
        call("Page.navigate", Map.of("url", page.toUri().toString()));
        while (events.stream().noneMatch(event -> method(event).equals("Page.loadEventFired"))) {
            events.add(next());
        }
    }

    /** Everything that went wrong since the page was asked for: messages, failed loads, requests to elsewhere. */
    List<String> complaints() throws Exception {
        evaluate("0"); // what happened before has been told before the answer
        List<String> complaints = new ArrayList<>();
        for (JsonNode event : events) {
            switch (method(event)) {
                case "Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Network.loadingFailed" ->
                    complaints.add(event.toString());
                case "Network.requestWillBeSent" -> {
                    String url = event.at("/params/request/url").asText();
                    if (!url.startsWith("data:") && !url.startsWith("file:")) {
                        complaints.add("asks for " + url);
                    }
                }
                default -> {} // the rest is life as usual
            }
        }
        return complaints;
    }

    /** Value of a JavaScript expression, awaited where it is a promise. */
    JsonNode evaluate(String expression) throws Exception {
        JsonNode answer =
                call("Runtime.evaluate", Map.of("expression", expression, "awaitPromise", true, "returnByValue", true));
        if (answer.has("exceptionDetails")) {
            throw new IllegalStateException(answer.get("exceptionDetails").toString());
        }
        return answer.at("/result/value");
    }

    /** The whole page as PNG. */
    byte[] screenshot() throws Exception {
        String data = call("Page.captureScreenshot", Map.of("captureBeyondViewport", true, "format", "png"))
                .get("data")
                .asText();
        return Base64.getDecoder().decode(data);
    }

    private JsonNode call(String method, Map<String, ?> parameters) throws Exception {
        int id = ++requests;
        ObjectNode message = JSON.createObjectNode().put("id", id).put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        if (!session.isEmpty()) {
            message.put("sessionId", session);
        }
        socket.sendText(message.toString(), true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        while (true) {
            JsonNode received = next();
            if (received.path("id").asInt() == id) {
                if (received.has("error")) {
                    throw new IllegalStateException(method + ": " + received.get("error"));
                }
                return received.get("result");
            }
            events.add(received);
        }
    }

    private JsonNode next() throws Exception {
        JsonNode message = incoming.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (message == null) {
            throw new IOException("the browser is silent for " + PATIENCE_SECONDS + " s; alive: " + process.isAlive());
        }
        return message;
    }

    private static String method(JsonNode message) {
        return message.path("method").asText();
    }

    @Override
    public void close() throws Exception {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS); // it writes into the profile, which is deleted next
        for (ProcessHandle child : children) {
            child.onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }
}
