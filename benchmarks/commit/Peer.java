// A transactional SHACL gate to compare with: RDF4J's ShaclSail over its memory store. Run by `java -cp JARS Peer.java data.nq shapes.ttl THING [full]`.
// Loads the data without validation, then changes one label of one thing in a validated transaction, again and again.
import com.sun.management.OperatingSystemMXBean;
import java.io.FileReader;
import java.io.FileInputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.eclipse.rdf4j.model.IRI;
import org.eclipse.rdf4j.model.Literal;
import org.eclipse.rdf4j.model.Statement;
import org.eclipse.rdf4j.model.ValueFactory;
import org.eclipse.rdf4j.model.vocabulary.RDF4J;
import org.eclipse.rdf4j.model.vocabulary.SKOS;
import org.eclipse.rdf4j.repository.RepositoryException;
import org.eclipse.rdf4j.repository.sail.SailRepository;
import org.eclipse.rdf4j.repository.sail.SailRepositoryConnection;
import org.eclipse.rdf4j.rio.RDFFormat;
import org.eclipse.rdf4j.sail.memory.MemoryStore;
import org.eclipse.rdf4j.sail.shacl.ShaclSail;
import org.eclipse.rdf4j.sail.shacl.ShaclSail.TransactionSettings.ValidationApproach;

public class Peer {
    public static void main(String[] arguments) throws Exception {
        ShaclSail sail = new ShaclSail(new MemoryStore());
        sail.setRdfsSubClassReasoning(true);
        sail.setDashDataShapes(false);
        SailRepository repository = new SailRepository(sail);
        repository.init();
        ValueFactory values = repository.getValueFactory();
        IRI thing = values.createIRI(arguments[2]);
        try (SailRepositoryConnection connection = repository.getConnection()) {
            connection.begin(ValidationApproach.Disabled);
            connection.add(new FileInputStream(arguments[0]), RDFFormat.NQUADS);
            connection.commit();
            // With all data there, shapes that come are checked against all of it; what they find is of no interest here.
            boolean full = arguments.length > 3;
            boolean valid = false;
            if (full) {
                long start = System.nanoTime();
                connection.begin(ValidationApproach.Bulk);
                connection.add(new FileReader(arguments[1]), "", RDFFormat.TURTLE, RDF4J.SHACL_SHAPE_GRAPH);
                valid = commits(connection);
                System.out.println("full " + (System.nanoTime() - start) / 1e9);
            }
            if (!valid) {
                connection.begin(ValidationApproach.Disabled);
                connection.add(new FileReader(arguments[1]), "", RDFFormat.TURTLE, RDF4J.SHACL_SHAPE_GRAPH);
                connection.commit();
            }
            System.out.println("quads " + connection.size());
            List<Statement> labels = new ArrayList<>();
            connection.getStatements(thing, SKOS.PREF_LABEL, null, false).forEach(labels::add);
            Statement label = labels.stream()
                .filter(one -> ((Literal) one.getObject()).getLanguage().orElse("").equals("en")).findFirst().get();
            OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
            long used = 0;
            List<Double> seconds = new ArrayList<>();
            for (int round = 0; round < 60; round++) {
                Statement next = values.createStatement(
                    thing, SKOS.PREF_LABEL, values.createLiteral("Name " + round, "en"), label.getContext());
                if (round == 30) used = system.getProcessCpuTime();
                long begin = System.nanoTime();
                connection.begin(ValidationApproach.Auto);
                connection.remove(label);
                connection.add(next);
                connection.commit();
                seconds.add((System.nanoTime() - begin) / 1e9);
                label = next;
            }
            System.out.println("processor " + (system.getProcessCpuTime() - used) / 30 / 1e9);
            List<Double> warm = new ArrayList<>(seconds.subList(30, 60));
            Collections.sort(warm);
            System.out.println("first " + seconds.get(0));
            System.out.println("p50 " + warm.get(warm.size() / 2));
            System.out.println("p95 " + warm.get((int) (0.95 * (warm.size() - 1))));
            connection.begin(ValidationApproach.Auto);
            connection.remove(thing, SKOS.PREF_LABEL, null);
            boolean refused = !commits(connection);
            System.out.println("refuses " + refused);
        }
        repository.shutDown();
    }

    private static boolean commits(SailRepositoryConnection connection) {
        try {
            connection.commit();
            return true;
        } catch (RepositoryException error) {
            if (connection.isActive()) connection.rollback();
            return false;
        }
    }
}
