import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ObjectDataType;

/** Speaks MongoDB's protocol for development and tests: `java -cp 'jars/*' MongoStandIn.java FILE PORT`. */
public class MongoStandIn {
  /** The driver refuses servers whose wire version is below 9; 21 is MongoDB 7.0. */
  private static final MongoVersion VERSION = new MongoVersion() {
    public List<Integer> getVersionArray() { return List.of(7, 0, 0); }
    public int getWireVersion() { return 21; }
  };

  /** A page that is not in memory is read and parsed for each look: with the usual 16 MB that is most of the work of a database of 100 MB. */
  private static final int CACHE_MB = 128;

  public static void main(String[] arguments) {
    MVStore store = new MVStore.Builder().fileName(arguments[0]).cacheSize(CACHE_MB).autoCommitDisabled().open();
    MongoServer server = new MongoServer(new Backend(store).version(VERSION));
    server.bind("127.0.0.1", Integer.parseInt(arguments[1]));
    System.out.println("Ready on port " + arguments[1]);
  }

  private static class Backend extends H2Backend {
    private static final Set<String> READS = Set.of("find", "aggregate", "count", "getMore", "hello", "ping");

    private final ReadWriteLock lookingOrChanging = new ReentrantReadWriteLock(true);

    Backend(MVStore store) { super(store); }

    /**
     * The library changes a document in its place, and answers with the document itself: what was read would be half of one save
     * and half of the next. So nobody reads while somebody writes, until his answer is a copy.
     */
    @Override
    public Document handleMessage(MongoMessage message) {
      Document command = (Document) rotated(message.getDocument(), true);
      boolean reads = READS.contains(command.keySet().iterator().next());
      if (command.containsKey("createIndexes")) addGuardIndex(command);
      Lock lock = reads ? lookingOrChanging.readLock() : lookingOrChanging.writeLock();
      lock.lock();
      try {
        Document answer = super.handleMessage(new MongoMessage(message.getChannel(), message.getHeader(), command));
        // Before the answer, so that what was acknowledged survives kill -9: left alone, up to a second of it would be lost.
        if (!reads && !getMvStore().isClosed()) getMvStore().commit();
        return (Document) rotated(answer, false);
      } finally {
        lock.unlock();
      }
    }

    @Override
    protected MongoDatabase openOrCreateDatabase(String name) {
      return new H2Database(name, getMvStore(), getCursorRegistry()) {
        @Override
        protected Index<Object> openOrCreateUniqueIndex(
            String collection, String index, List<IndexKey> keys, boolean sparse) {
          String mapName = getFullCollectionNamespace(collection) + "._index_" + index;
          var builder = new MVMap.Builder<KeyValue, Object>().keyType(new KeyType());
          getMvStore().openMap(mapName, builder); // stays open, and is what the library then finds
          return super.openOrCreateUniqueIndex(collection, index, keys, sparse);
        }
      };
    }

    /** A filter of `_id` and `version` scans the whole collection here, unless a unique index has both. MongoDB needs none. */
    @SuppressWarnings("unchecked")
    private static void addGuardIndex(Document command) {
      List<Object> indexes = new ArrayList<>((Collection<Object>) command.get("indexes"));
      Document key = new Document("_id", 1).append("version", 1);
      indexes.add(new Document("key", key).append("name", "stand_in_guard").append("unique", true));
      command.put("indexes", indexes);
    }
  }

  /** Compares keys value by value. Left alone, the library writes both as bytes for each comparison, which is most of its work. */
  private static class KeyType extends ObjectDataType {
    @Override
    public int compare(Object a, Object b) {
      if (!(a instanceof KeyValue left && b instanceof KeyValue right)) return super.compare(a, b);
      for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
        int order = super.compare(left.get(i), right.get(i));
        if (order != 0) return order;
      }
      return Integer.compare(left.size(), right.size());
    }
  }

  /**
   * The library orders strings by UTF-16 units, MongoDB by UTF-8 bytes. They differ in one thing: surrogates (U+D800 to U+DFFF)
   * come last in UTF-8. So strings are kept with these two ranges changed about, and are changed back on the way out.
   */
  private static Object rotated(Object value, boolean inward) {
    if (value instanceof String text) return rotated(text, inward);
    if (value instanceof Document document) {
      Document result = new Document();
      for (var entry : document.entrySet()) result.put(entry.getKey(), rotated(entry.getValue(), inward));
      return result;
    }
    if (value instanceof Collection<?> list) {
      List<Object> result = new ArrayList<>(list.size());
      for (Object item : list) result.add(rotated(item, inward));
      return result;
    }
    return value;
  }

  private static String rotated(String text, boolean inward) {
    if (text.chars().allMatch(unit -> unit < 0xd800)) return text;
    int first = inward ? 0xe000 : 0xf800; // the first of the higher range, on the side where we come from
    int up = 0x10000 - first;
    int down = first - 0xd800;
    StringBuilder result = new StringBuilder(text.length());
    text.chars().forEach(unit -> result.append((char) (unit < 0xd800 ? unit : unit < first ? unit + up : unit - down)));
    return result.toString();
  }
}
