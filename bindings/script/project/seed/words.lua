-- Words that seed rows are made of.
local words = {}

local function list(text)
  local found = {}
  for word in text:gmatch("[^\n,]+") do
    found[#found + 1] = word:match("^%s*(.-)%s*$")
  end
  return found
end

words.first_names = list [[Ada, Alan, Amira, Ana, Anders, Aoife, Barbara, Ben, Chidi, Clara, Dalia,
David, Edsger, Elena, Emil, Farid, Fatima, Grace, Hana, Hedy, Hugo, Ida, Ines, Ivan, Jana, Joan,
Jonas, Kai, Karim, Katherine, Kenji, Lea, Leo, Lina, Linus, Mara, Margaret, Mateo, Maya, Mei, Mila,
Nadia, Niklaus, Nina, Noor, Olga, Omar, Oscar, Paula, Pavel, Priya, Radia, Rafael, Rosa, Ruth,
Samir, Sofia, Tara, Theo, Tim, Uma, Vera, Viktor, Wanda, Yara, Yuki, Zoe]]

words.last_names = list [[Adams, Bauer, Becker, Berg, Bianchi, Brown, Byrne, Chen, Costa, Diaz,
Dubois, Eriksson, Evans, Fischer, Garcia, Ghosh, Haddad, Hansen, Hopper, Horvat, Ito, Ivanova,
Jansen, Johnson, Kaya, Keller, Khan, Kim, Kowalski, Kumar, Lamarr, Larsen, Lee, Lopez, Lovelace,
Martin, Meyer, Moreau, Murphy, Nakamura, Novak, Okafor, Olsen, Patel, Pereira, Petrov, Ricci,
Rossi, Santos, Sato, Schmidt, Silva, Singh, Smith, Suzuki, Tanaka, Turing, Varga, Wagner, Walker,
Weber, Wirth, Yilmaz, Zhang]]

words.words = list [[account, amber, answer, apple, archive, autumn, basket, beacon, border,
branch, bridge, bright, bronze, button, candle, canvas, castle, chapter, circle, clear, cloud,
coffee, common, copper, corner, cotton, cover, cross, daily, delta, desert, double, early, earth,
echo, ember, engine, evening, fabric, fading, fair, fallen, feather, field, final, finger, first,
forest, frame, garden, gentle, glass, golden, grain, gravel, green, harbour, hidden, hollow, honest,
island, ivory, journey, kettle, ladder, lantern, lemon, letter, level, light, linen, little, long,
lower, magnet, maple, marble, market, meadow, mellow, middle, mirror, modern, morning, mountain,
narrow, needle, noble, north, notebook, ocean, office, olive, open, orange, order, paper, parcel,
pattern, pebble, pencil, pepper, planet, plain, pocket, poem, quiet, rapid, record, reed, river,
rocket, round, saddle, sailor, salt, sample, school, season, second, shadow, shelter, signal,
silent, silver, simple, slate, small, smooth, south, spare, spring, stable, station, steady, stone,
story, stream, summer, table, tender, thread, timber, token, tower, travel, under, upper, valley,
velvet, village, violet, warm, water, west, willow, window, winter, wooden, yellow]]

words.cities = list [[Accra, Amsterdam, Athens, Bergen, Bogota, Bratislava, Cairo, Cork, Dakar,
Dublin, Florence, Geneva, Ghent, Hanoi, Helsinki, Istanbul, Jakarta, Kyoto, Lagos, Leipzig, Lima,
Lisbon, Ljubljana, Lyon, Malmo, Melbourne, Montreal, Mumbai, Nairobi, Oslo, Porto, Prague, Quito,
Riga, Seoul, Seville, Split, Tallinn, Toronto, Turin, Utrecht, Valencia, Vienna, Warsaw, Zurich]]

words.countries = list [[Argentina, Australia, Austria, Belgium, Brazil, Canada, Chile, Croatia,
Czechia, Denmark, Egypt, Estonia, Finland, France, Germany, Ghana, Greece, Hungary, India,
Indonesia, Ireland, Italy, Japan, Kenya, Latvia, Mexico, Netherlands, Nigeria, Norway, Peru, Poland,
Portugal, Senegal, Slovenia, Spain, Sweden, Switzerland, Turkey, Uruguay, Vietnam]]

words.company_forms = list [[& Sons, Group, Ltd, Partners, Systems, Trading, Works]]

return words
